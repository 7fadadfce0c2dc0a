#pragma once

#include <cstddef>
#include <functional>
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
// Asio never gives back what it once held for a socket, and such blocks, strewn about the heap,
// keep the pages between them too. So whoever only waits is none of Asio's sockets: on Linux the
// kernel watches all of them in one epoll set, which Asio watches. Of the worker, on its thread.
class WaitingRoom {
 public:
  // Takes a connection that has something to read.
  using OnRequest = std::function<void(Socket socket, Place place)>;

  WaitingRoom(boost::asio::io_context& io, OnRequest on_request);
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  // Closes the connection when it has said nothing until `deadline`; at once when this is closed or
  // the system can watch no more.
  void enter(Socket socket, Place place, SteadyTime deadline);
  // Called now and then.
  void close_late(SteadyTime now);
  // Gives up to `count` descriptors up for others.
  void close_some(std::size_t count);
  // Closes all, and lets nobody in any more.
  void close();
  // Lets go of what a crowd that has left needed.
  void shrink() { waiting_.rehash(0); }

  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
#ifdef __linux__
  using Handle = UniqueFd;
#else
  using Handle = Socket;
#endif
  struct Waiting {
    Handle handle;
    Place place;
    SteadyTime deadline;
  };
  using ByDescriptor = std::unordered_map<int, Waiting>;

  void leave(int descriptor);
  ByDescriptor::iterator close(ByDescriptor::iterator one);

  boost::asio::io_context& io_;
  const OnRequest on_request_;
  ByDescriptor waiting_;
  bool closed_ = false;
#ifdef __linux__
  void watch();

  boost::asio::posix::basic_stream_descriptor<Executor> set_;  // of waiting_'s descriptors
#endif
};

}  // namespace livestream::net
