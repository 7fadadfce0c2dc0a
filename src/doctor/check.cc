#include "doctor/check.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/mask.h"

namespace livestream {
namespace {

auto count(const std::vector<Check>& checks, Verdict verdict) {
  return std::count_if(checks.begin(), checks.end(),
                       [&](const Check& check) { return check.verdict == verdict; });
}

std::string counted(std::ptrdiff_t number, const char* noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kFault:
      return "fault";
  }
  return "";
}

std::string line_of(const Check& check) {
  return escape_controls(mask_credentials(
      fmt::format("{:<8} {}: {}", to_string(check.verdict), check.subject, check.text)));
}

std::string summary_of(const std::vector<Check>& checks) {
  const auto faults = count(checks, Verdict::kFault);
  const auto warnings = count(checks, Verdict::kWarning);
  if (faults == 0 && warnings == 0) return "Everything is in order.";
  return fmt::format("{}, {}.", counted(faults, "fault"), counted(warnings, "warning"));
}

std::string json_of(const std::vector<Check>& checks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Check& check : checks) {
    list.push_back({{"verdict", to_string(check.verdict)},
                    {"subject", mask_credentials(check.subject)},
                    {"text", mask_credentials(check.text)}});
  }
  const nlohmann::ordered_json all = {{"checks", std::move(list)},
                                      {"faults", count(checks, Verdict::kFault)},
                                      {"warnings", count(checks, Verdict::kWarning)}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool has_fault(const std::vector<Check>& checks) { return count(checks, Verdict::kFault) > 0; }

}  // namespace livestream
