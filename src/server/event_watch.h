#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "outlet/event_log.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// Finds out what has happened to the streams and their viewers, by looking at them four times a
// second, and puts it into the log of events: so nothing on the way of a frame waits for a
// listener. What came and went between two looks is not told. Main thread.
class EventWatch {
 public:
  // Borrows everything.
  EventWatch(boost::asio::io_context& loop, const StreamRegistry& streams,
             const ViewerRegistry& viewers, EventLog& events)
      : timer_(loop), streams_(streams), viewers_(viewers), events_(events) {}

  void start();
  void stop() { timer_.cancel(); }
  void look();

 private:
  struct Seen {
    std::string name;
    // As it was told last.
    std::string state;
    std::size_t viewers = 0;
  };

  boost::asio::steady_timer timer_;
  const StreamRegistry& streams_;
  const ViewerRegistry& viewers_;
  EventLog& events_;
  // By Stream::id().
  std::map<std::uint64_t, Seen> seen_;
};

}  // namespace livestream
