#include "config/stream_name.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/mask.h"
#include "config/shown.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::size_t kLongestName = 63;

// First parts of paths: what the server answers, or keeps for itself. Those of the player's files
// are the names of the files in web/ without their extensions.
constexpr std::array<std::string_view, 39> kReserved = {
    "api",         "assets",     "beacon", "clip",    "demo",       "early",   "events",
    "favicon",     "healthz",    "hls",    "index",   "ingest",     "init",    "join",
    "live-player", "login",      "logout", "metrics", "mjpeg",      "openapi", "page",
    "player",      "push",       "readyz", "record",  "recordings", "robots",  "selftest",
    "snapshot",    "statistics", "stats",  "stream",  "streams",    "time",    "viewers",
    "wall",        "web",        "whep",   "whip"};

bool is_reserved(std::string_view name) {
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

bool has_form_of_name(std::string_view name) {
  return name.size() <= kLongestName && is_lower_case_name(name, "-_") && name.front() != '-' &&
         name.front() != '_';
}

// Lower case, and a dash in place of each run of other characters; perhaps empty.
std::string simplified(std::string_view text) {
  std::string out;
  for (const char c : to_lower_case(text)) {
    const bool fits = is_lower(c) || is_digit(c) || (c == '_' && !out.empty());
    if (fits) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != '-') {
      out.push_back('-');
    }
  }
  out.resize(std::min(out.size(), kLongestName));
  while (out.ends_with('-')) out.pop_back();
  return out;
}

// `name` with -2, -3 ... at its end, the first of these that is not `taken`.
template <typename Taken>
std::string first_free(const std::string& name, Taken taken) {
  if (!taken(name)) return name;
  for (int number = 2;; ++number) {
    const std::string end = fmt::format("-{}", number);
    std::string numbered = name.substr(0, kLongestName - end.size()) + end;
    if (!taken(numbered)) return numbered;
  }
}

// The part of a source that people call it by.
std::string_view telling_part(std::string_view source) {
  if (const std::size_t scheme = source.find("://");
      scheme != std::string_view::npos && !source.starts_with("file://")) {
    std::string_view host = source.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    host.remove_prefix(std::min(host.rfind('@') + 1, host.size()));
    const bool has_port = host.find(']', host.rfind(':')) == std::string_view::npos;
    const std::string_view name = has_port ? host.substr(0, host.rfind(':')) : host;
    // A listener has a port only.
    return name.empty() ? host : name;
  }
  const std::string_view file = source.substr(source.find_last_of("/\\") + 1);
  const std::size_t dot = file.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? file : file.substr(0, dot);
}

}  // namespace

std::string stream_name_like(std::string_view text) {
  const std::string name = simplified(text);
  return first_free(name.empty() ? "camera" : name, is_reserved);
}

std::string problem_of_stream_name(std::string_view name) {
  const std::string like = stream_name_like(name);
  if (is_reserved(name)) {
    return fmt::format(
        "{} cannot be the name of a stream, because the server uses this word in "
        "its own addresses: {} would do",
        name, like);
  }
  if (has_form_of_name(name)) return {};
  return fmt::format(
      "{} cannot be the name of a stream: 1 to 63 of a-z, 0-9, - and _, a letter or "
      "digit first, such as {}",
      name.empty() ? "an empty text" : shown(name), like);
}

std::vector<std::string> names_of_sources(const std::vector<std::string>& sources) {
  std::vector<std::string> names;
  for (const std::string& source : sources) {
    const std::string masked = mask_credentials(source);
    const std::string name = simplified(telling_part(masked));
    names.push_back(first_free(name.empty() ? "camera" : name, [&](const std::string& wanted) {
      return is_reserved(wanted) || std::find(names.begin(), names.end(), wanted) != names.end();
    }));
  }
  return names;
}

}  // namespace livestream
