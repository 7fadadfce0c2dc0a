#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace livestream {

enum class Verdict : std::uint8_t { kOk, kWarning, kFault };

// The result of one check of the doctor.
struct Check {
  Verdict verdict = Verdict::kOk;
  // The thing that was looked at: ffmpeg, port, the name of a source.
  std::string subject;
  // A sentence, with the cure behind it unless the verdict is kOk.
  std::string text;

  bool operator==(const Check&) const = default;
};

// ok, warning, fault.
[[nodiscard]] const char* to_string(Verdict verdict);

// One line without its end, for a terminal: masked, and without control characters.
[[nodiscard]] std::string line_of(const Check& check);
// The last line: how many faults and warnings there are.
[[nodiscard]] std::string summary_of(const std::vector<Check>& checks);
// {"checks": [{"verdict", "subject", "text"}], "faults", "warnings"}, masked.
[[nodiscard]] std::string json_of(const std::vector<Check>& checks);

[[nodiscard]] bool has_fault(const std::vector<Check>& checks);

}  // namespace livestream
