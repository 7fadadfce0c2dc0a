#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "outlet/event_log.h"
#include "server/hooks.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// Looks at the streams and their viewers four times a second, puts the differences into the log of
// events, and shows the streams to the hooks: so nothing on the way of a frame waits for a listener
// or a hook. A change that is undone before the next look is not told. Main thread.
class EventWatch {
 public:
  // Borrows everything.
  EventWatch(boost::asio::io_context& loop, const StreamRegistry& streams,
             const ViewerRegistry& viewers, EventLog& events, Hooks& hooks)
      : timer_(loop), streams_(streams), viewers_(viewers), events_(events), hooks_(hooks) {}

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

  void look_at(const StreamEntry& entry, std::size_t viewers);

  boost::asio::steady_timer timer_;
  const StreamRegistry& streams_;
  const ViewerRegistry& viewers_;
  EventLog& events_;
  Hooks& hooks_;
  // By Stream::id().
  std::map<std::uint64_t, Seen> seen_;
};

}  // namespace livestream
