#include "server/hook_call.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/mask.h"
#include "base/utc_text.h"
#include "config/value_forms.h"
#include "outlet/json_response.h"

namespace livestream {
std::string facts_of(const HookCall& call) {
  const nlohmann::ordered_json facts = {{"event", call.event},
                                        {"stream", call.stream},
                                        {"time", utc_text(call.at)},
                                        {"viewers", call.viewers},
                                        {"error", or_null(call.error)}};
  return facts.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> variables_of(const HookCall& call) {
  return {"LIVESTREAM_EVENT=" + call.event, "LIVESTREAM_STREAM=" + call.stream,
          fmt::format("LIVESTREAM_VIEWERS={}", call.viewers), "LIVESTREAM_ERROR=" + call.error};
}

std::string target_of(const Hook& hook) {
  if (hook.url.empty()) return hook.command.empty() ? "" : mask_credentials(hook.command.front());
  // The path of a webhook's address is often its secret.
  const std::string masked = mask_credentials(hook.url);
  return masked.substr(0, masked.find_first_of("/?#", masked.find("://") + 3));
}

std::string seconds_of(std::chrono::milliseconds time) { return print_seconds(time) + " s"; }

}  // namespace livestream
