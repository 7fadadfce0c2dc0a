#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"

namespace livestream::net {

// The parts that a ScriptedBody gives, added by the test while it runs.
struct Script {
  std::deque<std::string> parts;
  // The body ends after the parts.
  bool ends = false;
  // Called at each pull.
  std::function<void()> on_pull = [] {};
  int pulls = 0;
  bool destroyed = false;
};

class ScriptedBody final : public http::BodySource {
 public:
  explicit ScriptedBody(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  ~ScriptedBody() override { script_->destroyed = true; }
  ScriptedBody(const ScriptedBody&) = delete;
  ScriptedBody& operator=(const ScriptedBody&) = delete;

  [[nodiscard]] http::Pull pull() override {
    ++script_->pulls;
    script_->on_pull();
    if (script_->parts.empty()) {
      return {.state = script_->ends ? http::Pull::State::kEnd : http::Pull::State::kPending};
    }
    http::Pull pull{.state = http::Pull::State::kBytes,
                    .blocks = std::make_shared<const SharedBlocks>(std::vector<SharedBytes>{
                        SharedBytes(std::string_view(script_->parts.front()))})};
    script_->parts.pop_front();
    pull.more = !script_->parts.empty();
    return pull;
  }

 private:
  const std::shared_ptr<Script> script_;
};

}  // namespace livestream::net
