#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "net/admission.h"
#include "net/socket.h"

#ifdef __linux__
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#endif

namespace livestream::net {

// The connections that have no request under way: new ones, and kept ones between two requests.
// Idle connections are not Asio sockets, because Asio keeps a block of memory for each socket that
// it ever had, and these blocks, scattered over the heap, keep the pages between them too. On Linux
// one epoll set watches all of them, and Asio watches the set. Belongs to the worker, on its
// thread.
class IdleConnections {
 public:
  // Takes a connection that has something to read.
  using OnRequest = std::function<void(Socket socket, ConnectionPermit permit)>;

  IdleConnections(boost::asio::io_context& io, OnRequest on_request);
  IdleConnections(const IdleConnections&) = delete;
  IdleConnections& operator=(const IdleConnections&) = delete;

  // Closes the connection when nothing has come over it by `deadline`; at once after close(), or
  // when the system cannot watch one more. When its address has too many, new ones and
  // kept ones each, the oldest of its kind that is silent gives way to it.
  void add(Socket socket, ConnectionPermit permit, SteadyTime deadline);
  // Closes connections whose deadline has passed. Called now and then.
  void close_overdue(SteadyTime now);
  // Closes up to `count` connections, so that new ones get their descriptors.
  void close_some(std::size_t count);
  // Closes all, and from now on each one that is added.
  void close();
  // Gives back the memory that connections of the past needed.
  void release_memory() {
    connections_.rehash(0);
    by_client_.rehash(0);
  }

  [[nodiscard]] std::size_t size() const { return connections_.size(); }

 private:
#ifdef __linux__
  using Handle = UniqueFd;
#else
  using Handle = Socket;
#endif
  struct Connection {
    Handle handle;
    ConnectionPermit permit;
    SteadyTime deadline;
    // In its client's line.
    std::list<int>::iterator place{};
  };
  using ByDescriptor = std::unordered_map<int, Connection>;

  void enter(int descriptor, Connection connection);
  // Takes it out of both tables.
  [[nodiscard]] Connection remove(ByDescriptor::iterator connection);
  void on_readable(int descriptor);
  // Descriptors, oldest first.
  using Line = std::list<int>;
  // The lines of one client.
  struct Lines {
    Line fresh;
    Line kept;
    [[nodiscard]] Line& of(const ConnectionPermit& permit) {
      return permit.is_new() ? fresh : kept;
    }
  };
  void close_oldest(const Line& line);
  ByDescriptor::iterator close(ByDescriptor::iterator connection);

  boost::asio::io_context& io_;
  const OnRequest on_request_;
  ByDescriptor connections_;
  // See ConnectionPermit::client.
  std::unordered_map<const void*, Lines> by_client_;
  bool closed_ = false;
#ifdef __linux__
  void watch();

  // The epoll set of the descriptors of connections_.
  boost::asio::posix::basic_stream_descriptor<Executor> set_;
#endif
};

}  // namespace livestream::net
