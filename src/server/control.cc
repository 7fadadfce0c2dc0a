#include "server/control.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "config/settings.h"
#include "config/text_file.h"

namespace livestream {
namespace {

namespace fs = std::filesystem;

std::vector<StreamSettings> enabled(const std::vector<StreamSettings>& streams) {
  std::vector<StreamSettings> chosen;
  std::copy_if(streams.begin(), streams.end(), std::back_inserter(chosen),
               [](const StreamSettings& stream) { return stream.enabled; });
  return chosen;
}

// The keys of the server's own settings that differ, as a file names them.
std::string differences(const ServerSettings& before, const ServerSettings& now) {
  std::vector<std::string> keys;
  for (const Setting& setting : server_settings()) {
    if (setting.print({.server = before}) != setting.print({.server = now}))
      keys.push_back(name_in_file(setting));
  }
  return fmt::format("{}", fmt::join(keys, ", "));
}

bool has_stream(const Config& config, const std::string& name) {
  return std::any_of(config.streams.begin(), config.streams.end(),
                     [&](const StreamSettings& stream) { return stream.name == name; });
}

}  // namespace

Control::Control(Parts parts, Config config, ConfigInputs inputs)
    : parts_(std::move(parts)),
      settings_(config.server),
      inputs_(std::move(inputs)),
      hangup_(parts_.main_loop),
      files_(parts_.main_loop, [this] { load_files(); }),
      config_(std::make_shared<const Config>(std::move(config))) {}

Result<void> Control::begin() { return parts_.streams.apply(enabled(config()->streams)); }

void Control::watch() {
  hangup_.add(SIGHUP);
  wait_for_hangup();
  files_.watch(config()->files);
}

void Control::stop() {
  hangup_.cancel();
  files_.stop();
}

std::shared_ptr<const Config> Control::config() const {
  const MutexLock lock(mutex_);
  return config_;
}

void Control::change(StreamChange change, bool keep, Done done) {
  boost::asio::post(parts_.main_loop, [this, change = std::move(change), keep,
                                       done = std::move(done)] { done(changed(change, keep)); });
}

void Control::restart(std::string stream, Done done) {
  boost::asio::post(parts_.main_loop, [this, stream = std::move(stream), done = std::move(done)] {
    if (parts_.streams.restart(stream)) return done({});
    done({.status = 404, .error = fmt::format("there is no stream {} that runs", stream)});
  });
}

void Control::reload(Done done) {
  boost::asio::post(parts_.main_loop, [this, done = std::move(done)] {
    const Result<void> loaded = load(inputs_);
    done(loaded ? Outcome{} : Outcome{.status = 400, .error = loaded.error().message});
  });
}

void Control::wait_for_hangup() {
  hangup_.async_wait([this](const boost::system::error_code& cancelled, int) {
    if (cancelled) return;
    parts_.log.info("SIGHUP: the configuration is loaded again");
    load_files();
    wait_for_hangup();
  });
}

void Control::load_files() {
  if (const Result<void> loaded = load(inputs_); !loaded) {
    parts_.log.error("the configuration has a fault and changes nothing: " +
                     loaded.error().message);
  }
}

Result<void> Control::load(const ConfigInputs& inputs) {
  Result<Config> config = load_again(inputs);
  if (!config) return tl::unexpected(config.error());
  if (const Result<void> applied = parts_.streams.apply(enabled(config->streams)); !applied)
    return applied;
  for (const std::string& notice : config->notices) parts_.log.warn(notice);
  if (const std::string keys = differences(settings_, config->server); !keys.empty())
    parts_.log.warn("these settings change when the server is started again: " + keys);
  parts_.log.info("the configuration is in force", {{"streams", config->streams.size()}});
  files_.watch(config->files);
  {
    auto next = std::make_shared<const Config>(*std::move(config));
    const MutexLock lock(mutex_);
    config_ = std::move(next);
  }
  parts_.on_change();
  return {};
}

ConfigInputs Control::with(const StreamChange& change) const {
  ConfigInputs inputs = inputs_;
  if (change.kind == StreamChange::Kind::kPut) {
    std::erase_if(inputs.changes,
                  [&](const StreamChange& old) { return old.stream == change.stream; });
  }
  inputs.changes.push_back(change);
  return inputs;
}

Control::Outcome Control::changed(const StreamChange& change, bool keep) {
  const bool known = has_stream(*config(), change.stream);
  if (!known && change.kind != StreamChange::Kind::kPut)
    return {.status = 404, .error = fmt::format("there is no stream {}", change.stream)};
  ConfigInputs inputs = with(change);
  // Checked before a file is touched.
  if (const Result<Config> checked = load_again(inputs); !checked)
    return {.status = 400, .error = checked.error().message};
  if (keep) return kept(change, inputs);
  if (const Result<void> loaded = load(inputs); !loaded)
    return {.status = 400, .error = loaded.error().message};
  inputs_ = std::move(inputs);
  return {};
}

Control::Outcome Control::kept(const StreamChange& change, const ConfigInputs& inputs) {
  const std::string folder = config()->streams_folder;
  const std::string path = (fs::path(folder) / (change.stream + ".yml")).string();
  const std::string file = fs::path(path).filename().string();
  ConfigInputs without = inputs_;
  std::erase_if(without.changes,
                [&](const StreamChange& old) { return old.stream == change.stream; });
  std::error_code error;
  const bool existed = fs::exists(path, error);
  const Result<std::optional<TextFile>> before = read_text_file(path, file);
  if (change.kind == StreamChange::Kind::kRemove) {
    if (!existed) {
      return {.status = 409,
              .error = fmt::format("{} stands in no file of streams.d: remove it where it stands",
                                   change.stream)};
    }
    fs::remove(path, error);
  } else {
    const Result<std::string> text = own_text(inputs, change.stream);
    if (!text) return {.status = 500, .error = text.error().message};
    if (const Result<void> written = write_text_file(path, *text); !written)
      return {.status = 500, .error = written.error().message};
  }
  const Result<void> loaded = load(without);
  if (loaded) {
    inputs_ = std::move(without);
    return {};
  }
  // Another file has a stream of this name, or the one that is left is the last: as it was before.
  if (before && *before) {
    (void)write_text_file(path, (*before)->text);
  } else {
    fs::remove(path, error);
  }
  files_.watch(config()->files);
  return {.status = 409, .error = loaded.error().message};
}

}  // namespace livestream
