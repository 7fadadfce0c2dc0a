#include "load/options.h"

#include <charconv>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace livestream::load {
namespace {

template <class Number>
bool parse(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && *number >= 0;
}

}  // namespace

Result<Options> parse_options(int argc, char** argv) {
  Options options;
  const std::map<std::string_view, double*> decimals = {
      {"--ramp", &options.ramp},           {"--warm", &options.warm_s},
      {"--seconds", &options.window_s},    {"--joins", &options.joins_per_s},
      {"--slow-mbit", &options.slow_mbit}, {"--memory-every", &options.memory_every_s}};
  const std::map<std::string_view, std::size_t*> counts = {
      {"--viewers", &options.viewers}, {"--samples", &options.samples}, {"--slow", &options.slow}};
  const std::map<std::string_view, std::string*> texts = {
      {"--host", &options.host}, {"--port", &options.port}, {"--path", &options.path}};
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--check") {
      options.check = true;
      continue;
    }
    if (++i == argc) return fail(fmt::format("{} lacks its value", name));
    const std::string_view value = argv[i];
    bool good = true;
    if (const auto decimal = decimals.find(name); decimal != decimals.end()) {
      good = parse(value, decimal->second);
    } else if (const auto count = counts.find(name); count != counts.end()) {
      good = parse(value, count->second);
    } else if (const auto text = texts.find(name); text != texts.end()) {
      *text->second = value;
    } else if (name == "--pid") {
      good = parse(value, &options.pids.emplace_back());
    } else if (name == "--core") {
      good = parse(value, &options.core);
    } else {
      return fail(fmt::format("unknown option {}", name));
    }
    if (!good) return fail(fmt::format("{} is not a value for {}", value, name));
  }
  if (options.ramp == 0) return fail("--ramp is 0");
  if (options.slow > options.viewers) return fail("--slow is more than --viewers");
  return options;
}

}  // namespace livestream::load
