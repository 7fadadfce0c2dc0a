#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "base/open_files.h"
#include "config/invocation.h"
#include "doctor/doctor.h"
#include "server/server.h"
#include "source/ffmpeg_info.h"
#include "source/source_spec.h"

extern char** environ;

namespace livestream {
namespace {

constexpr int kUsageError = 2;

Environment current_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return environment;
}

int fail_to_start(const Error& error) {
  fmt::print(stderr, "livestream-server: {}\n", error.message);
  return kUsageError;
}

int serve(const Config& config, const ConfigInputs& inputs) {
  for (const StreamSettings& stream : config.streams) {
    if (const Result<std::string> program = find_program(stream.source.ffmpeg); !program)
      return fail_to_start(program.error());
  }
  const Log log(config.server.log_level, config.server.log_format);
  for (const std::string& notice : config.notices) log.warn(notice);
  if (const std::string warning = raise_open_files(config.server.max_clients); !warning.empty())
    log.warn(warning);
  Server server(config, inputs, log);
  if (const Result<void> listening = server.listen(); !listening)
    return fail_to_start(listening.error());
  for (const std::string& url : server.urls()) fmt::print("Open {}\n", url);
  std::fflush(stdout);
  return server.run();
}

// `doctor [--json] [what serving takes]`.
int examine(ConfigInputs inputs) {
  inputs.arguments.erase(inputs.arguments.begin());
  const bool as_json = std::erase(inputs.arguments, "--json") > 0;
  const Result<Invocation> invocation = load_config(inputs);
  if (!invocation) return run_doctor(tl::unexpected(invocation.error()), as_json);
  if (invocation->action == Action::kServe) return run_doctor(invocation->config, as_json);
  fmt::print("{}", invocation->output);
  return 0;
}

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // A parent may have left it ignored, and then ended children could not be reaped.
  std::signal(SIGCHLD, SIG_DFL);
  const ConfigInputs inputs{
      {argv + 1, argv + argc}, current_environment(), std::filesystem::current_path().string()};
  if (!inputs.arguments.empty() && inputs.arguments.front() == "doctor") return examine(inputs);
  const Result<Invocation> invocation = load_config(inputs);
  if (!invocation) return fail_to_start(invocation.error());
  if (invocation->action != Action::kPrintAndExit) {
    // The form of each source, not whether it is there.
    if (const auto sources = detect_sources(invocation->config.streams); !sources)
      return fail_to_start(sources.error());
  }
  if (invocation->action == Action::kServe) return serve(invocation->config, inputs);
  fmt::print("{}", invocation->output);
  return 0;
}

}  // namespace
}  // namespace livestream

int main(int argc, char** argv) {
  try {
    return livestream::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "livestream-server: {}\n", error.what());
    return 1;
  }
}
