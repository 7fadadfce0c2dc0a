#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "config/hook_settings.h"
#include "server/hook_call.h"
#include "stream/source_status.h"
#include "stream/stream_registry.h"

namespace livestream {

// Decides when the hooks of streams run: compares each stream with what was told of it before.
// Main thread.
//
// A source is up once pictures come, and down when it was up and has gone away. A source that is
// closed and opened because the server wants it so, for other settings or for the viewers of a
// stream on demand, stays what it was until it turns out to be up or away.
class Hooks {
 public:
  using Run = std::function<void(HookCall)>;

  // Borrows the clock. `run` does not block; it gets the calls of a stream in their order.
  Hooks(const Clock& clock, Run run) : clock_(clock), run_(std::move(run)) {}

  // A stream as it is now.
  void look(const StreamEntry& entry, const SourceStatus& source, std::size_t viewers);
  // The stream Stream::id() is gone: with its source, and its viewers.
  void removed(std::uint64_t id);

 private:
  struct Told {
    std::string name;
    HookSettings hooks;
    bool up = false;
    std::size_t viewers = 0;
  };

  void tell_source(Told& told, bool up, const std::string& error) const;
  void tell_viewers(Told& told, std::size_t viewers) const;
  void run(const Told& told, const char* event, const Hook& hook, std::string error) const;

  const Clock& clock_;
  const Run run_;
  // By Stream::id().
  std::map<std::uint64_t, Told> told_;
};

}  // namespace livestream
