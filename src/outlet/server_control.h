#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "config/stream_change.h"

namespace livestream {

// Changes of a running server. Any thread may call; the outcome comes later, on another thread.
class ServerControl {
 public:
  struct Outcome {
    // 200, 400 for a change that is not allowed, 404 for an unknown stream, 409 where a file stands
    // in the way, 500.
    unsigned status = 200;
    // One line; empty on success.
    std::string error;
  };
  using Done = std::function<void(Outcome)>;

  virtual ~ServerControl() = default;

  // The configuration in force.
  [[nodiscard]] virtual std::shared_ptr<const Config> config() const = 0;
  // Applies the change as if it stood in a file. `keep`: writes it into streams.d, so that it
  // outlasts the server; else it holds until the server ends.
  virtual void change(StreamChange change, bool keep, Done done) = 0;
  // Opens the source of a stream anew.
  virtual void restart(std::string stream, Done done) = 0;
  // Loads the files again.
  virtual void reload(Done done) = 0;
};

}  // namespace livestream
