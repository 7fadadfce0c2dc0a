#include "config/invocation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "config/command_line.h"
#include "config/config_files.h"
#include "config/effective.h"
#include "config/env_file.h"
#include "config/given.h"
#include "config/nearest_setting.h"
#include "config/schema.h"
#include "config/settings.h"
#include "config/shown.h"
#include "config/stream_name.h"
#include "config/version.h"

namespace livestream {
namespace {

constexpr std::string_view kSource = "VIDEO_FILE";

// The winning value of each setting among flags, environment and `.env`. An empty value counts as
// not set, so the next place decides.
GivenByKey collect(const CommandLine& line, const Environment& environment,
                   const EnvFile& env_file) {
  GivenByKey all;
  for (const Setting& setting : settings()) {
    const auto flag = line.settings.find(setting.key);
    if (flag != line.settings.end() && !flag->second.value.empty()) {
      all[setting.key] = {flag->second.value, flag->second.written, "flag", {}};
      continue;
    }
    if (setting.flag_only) continue;
    const std::string key(setting.key);
    const auto variable = environment.find(key);
    if (variable != environment.end() && !variable->second.empty()) {
      all[setting.key] = {variable->second, key, "environment", {}};
      continue;
    }
    if (setting.runs && !env_file.distrust.empty()) continue;
    for (const EnvFileEntry& entry : env_file.entries) {
      if (entry.key != key) continue;
      all.erase(setting.key);
      if (entry.value.empty()) continue;
      const std::string place = fmt::format(".env line {}", entry.line);
      all[setting.key] = {entry.value, fmt::format("{}: {}", place, key), place, {}};
    }
  }
  return all;
}

// A folder that came from elsewhere must not choose the program that runs when a user starts the
// server in it.
void add_notices_on_distrust(const EnvFile& env_file, std::vector<std::string>& notices) {
  if (env_file.distrust.empty()) return;
  for (const EnvFileEntry& entry : env_file.entries) {
    for (const Setting& setting : settings()) {
      if (!setting.runs || setting.key != entry.key || entry.value.empty()) continue;
      notices.push_back(
          fmt::format(".env line {}: {} is ignored, because it chooses a program to run and {}, or "
                      "give {}",
                      entry.line, entry.key, env_file.distrust, setting.flag()));
    }
  }
}

void add_notices_on_what_is_ignored(const GivenByKey& all, Values& values) {
  const auto ignore = [&](std::string_view key, std::string_view why) {
    if (all.count(key) > 0) values.notices.push_back(fmt::format("{} is ignored: {}", key, why));
  };
  if (values.stream.encoding.video_codec == "copy") {
    for (const std::string_view key :
         {"VIDEO_FPS", "VIDEO_QUALITY", "VIDEO_CRF", "VIDEO_RESOLUTION", "VIDEO_MAXRATE",
          "VIDEO_PRESET", "VIDEO_PROFILE"}) {
      ignore(key, "VIDEO_CODEC=copy passes the picture through as it is");
    }
  } else if (values.stream.encoding.video_quality) {
    ignore("VIDEO_CRF", "VIDEO_QUALITY is set");
    ignore("VIDEO_RESOLUTION", "VIDEO_QUALITY is set");
  }
}

// Keys of other programs are common in this file, so one that is unknown is worth a notice only
// when it looks like one of ours.
void add_notices_on_unknown_keys(const std::vector<EnvFileEntry>& env_file,
                                 std::vector<std::string>& notices) {
  for (const EnvFileEntry& entry : env_file) {
    const auto table = settings();
    if (std::any_of(table.begin(), table.end(),
                    [&](const Setting& s) { return s.key == entry.key; }))
      continue;
    if (const auto meant = nearest_setting(entry.key)) {
      notices.push_back(fmt::format(".env line {}: {} is not a setting: did you mean {}?",
                                    entry.line, shown(entry.key), *meant));
    }
  }
}

// Stores the given values of one table.
Result<void> store(std::span<const Setting> table, const GivenByKey& given, Values& values) {
  for (const Setting& setting : table) {
    const auto found = given.find(setting.key);
    if (found != given.end() && !setting.parse(found->second.value, values))
      return fail(refusal_of(found->second, setting));
  }
  return {};
}

// The values for the settings of one table, from the first of `places` that has one.
GivenByKey layered(std::span<const Setting> table,
                   std::initializer_list<const GivenByKey*> places) {
  GivenByKey all;
  for (const Setting& setting : table) {
    for (const GivenByKey* place : places) {
      const auto found = place->find(setting.key);
      if (found == place->end()) continue;
      all.insert(*found);
      break;
    }
  }
  return all;
}

class Loader {
 public:
  Loader(const CommandLine& line, const ConfigInputs& inputs) : line_(line), inputs_(inputs) {}

  Result<Effective> load() {
    if (const Result<void> done = read(); !done) return tl::unexpected(done.error());
    if (const Result<void> done = load_streams(); !done) return tl::unexpected(done.error());
    effective_.server = layered(server_settings(), {&outer_, &files_.content.server});
    Values values;
    if (const Result<void> done = store(server_settings(), effective_.server, values); !done)
      return tl::unexpected(done.error());
    Config& config = effective_.config;
    config.server = std::move(values.server);
    add_notices_of_streams();
    add_notices_on_distrust(env_file_, config.notices);
    add_notices_on_unknown_keys(env_file_.entries, config.notices);
    config.notices.insert(config.notices.end(), files_.content.notices.begin(),
                          files_.content.notices.end());
    config.files = std::move(files_.watched);
    config.streams_folder = std::move(files_.folder);
    config.files.push_back(inputs_.directory + "/.env");
    effective_.has_file = files_.found;
    return std::move(effective_);
  }

 private:
  Result<void> read() {
    Result<EnvFile> env_file = read_env_file(inputs_.directory);
    if (!env_file) return tl::unexpected(env_file.error());
    env_file_ = *std::move(env_file);
    outer_ = collect(line_, inputs_.environment, env_file_);
    Result<ConfigFiles> files =
        read_config_files(inputs_.directory, line_.config_file, variables());
    if (!files) return tl::unexpected(files.error());
    files_ = *std::move(files);
    return {};
  }

  [[nodiscard]] Variables variables() const {
    return {[this](std::string_view name) { return variable(name, true); },
            [this](std::string_view name) { return variable(name, env_file_.distrust.empty()); }};
  }

  [[nodiscard]] std::optional<std::string> variable(std::string_view name,
                                                    bool with_env_file) const {
    if (const auto found = inputs_.environment.find(std::string(name));
        found != inputs_.environment.end())
      return found->second;
    std::optional<std::string> value;
    if (!with_env_file) return value;
    for (const EnvFileEntry& entry : env_file_.entries) {
      if (entry.key == name) value = entry.value;
    }
    return value;
  }

  // The streams of the command line if it has any, else those of the files, else the one that the
  // environment and `.env` describe.
  Result<void> load_streams() {
    std::vector<FileStream>& in_files = files_.content.streams;
    const auto source = outer_.find(kSource);
    const bool source_is_flag = source != outer_.end() && source->second.origin == "flag";
    std::vector<FileStream> streams;
    if (line_.sources.size() > 1) {
      const std::vector<std::string> names = names_of_sources(line_.sources);
      for (std::size_t i = 0; i < names.size(); ++i) {
        streams.push_back(
            {names[i], {}, {{kSource, {line_.sources[i], std::string(kSource), "flag", {}}}}});
      }
    } else if (in_files.empty() || source_is_flag) {
      streams.push_back({StreamSettings{}.name, {}, {}});
    } else {
      if (source != outer_.end()) {
        effective_.config.notices.push_back(
            fmt::format("{} is ignored, because {} names the sources", source->second.written,
                        in_files.front().place));
      }
      streams = in_files;
    }
    if (!in_files.empty() && (line_.sources.size() > 1 || source_is_flag)) {
      effective_.config.notices.push_back(fmt::format(
          "the streams of the file ({}) are not served, because the command line names a source",
          in_files.front().place));
    }
    for (const StreamChange& change : inputs_.changes) {
      if (const Result<void> done = apply(change, streams); !done) return done;
    }
    if (streams.empty()) return fail("the last stream cannot be removed");
    return store_streams(streams);
  }

  Result<void> apply(const StreamChange& change, std::vector<FileStream>& streams) {
    const auto place = std::find_if(streams.begin(), streams.end(), [&](const FileStream& stream) {
      return stream.name == change.stream;
    });
    // The stream may have gone from the files since.
    if (place == streams.end() && change.kind != StreamChange::Kind::kPut) return {};
    if (change.kind == StreamChange::Kind::kRemove) {
      streams.erase(place);
      return {};
    }
    // Changing streams is not choosing programs to run.
    const FileContext context{"the request", "a request set it: write it into a file", variables()};
    const bool whole = change.kind == StreamChange::Kind::kPut;
    Result<ConfigFile> read = whole ? parse_stream_file(change.text, change.stream, context)
                                    : parse_stream_keys(change.text, change.stream, context);
    if (!read) return tl::unexpected(read.error());
    if (!read->notices.empty()) return fail(read->notices.front());
    FileStream& said = read->streams.front();
    if (place == streams.end()) {
      streams.push_back(std::move(said));
    } else if (whole) {
      *place = std::move(said);
    } else {
      for (auto& [key, given] : said.values) place->values[key] = std::move(given);
      for (const std::string_view key : read->unset) {
        if (key == kSource) return fail("a stream needs its source: give another one");
        place->values.erase(key);
      }
    }
    return {};
  }

  Result<void> store_streams(const std::vector<FileStream>& streams) {
    effective_.config.streams.clear();
    for (const FileStream& stream : streams) {
      GivenByKey given;
      Values values;
      values.stream.name = stream.name;
      if (streams.size() > 1) values.stream.title = stream.name;
      for (const std::span<const Setting> table : {stream_settings(), hook_settings()}) {
        // Of these, only hooks may also stand at the top of the file.
        given.merge(layered(
            table, {&stream.values, &outer_, &files_.content.defaults, &files_.content.server}));
        if (const Result<void> done = store(table, given, values); !done) return done;
      }
      add_notices_on_what_is_ignored(given, values);
      for (std::string& notice : values.notices) notice_of(stream.name, std::move(notice));
      effective_.config.streams.push_back(std::move(values.stream));
      effective_.streams.push_back(std::move(given));
      effective_.own.push_back(stream.values);
      effective_.places.push_back(stream.place);
    }
    return {};
  }

  // A notice that concerns one stream. Flags and defaults give many streams the same one.
  void notice_of(const std::string& stream, std::string text) {
    const auto same = std::find_if(stream_notices_.begin(), stream_notices_.end(),
                                   [&](const StreamNotice& other) { return other.text == text; });
    if (same != stream_notices_.end()) {
      same->streams.push_back(stream);
    } else {
      stream_notices_.push_back({std::move(text), {stream}});
    }
  }

  void add_notices_of_streams() {
    for (const StreamNotice& notice : stream_notices_) {
      const bool concerns_all = notice.streams.size() == effective_.config.streams.size();
      effective_.config.notices.push_back(
          concerns_all
              ? notice.text
              : fmt::format("stream {}: {}", fmt::join(notice.streams, ", "), notice.text));
    }
  }

  struct StreamNotice {
    std::string text;
    std::vector<std::string> streams;
  };

  const CommandLine& line_;
  const ConfigInputs& inputs_;
  EnvFile env_file_;
  ConfigFiles files_;
  // The values of flags, environment and `.env`.
  GivenByKey outer_;
  std::vector<StreamNotice> stream_notices_;
  Effective effective_;
};

// The given values of one table, a line each, as a file would hold them; a JSON text is one of
// YAML.
std::string lines_of(std::span<const Setting> table, const GivenByKey& given,
                     std::string_view indent) {
  std::string text;
  for (const Setting& setting : table) {
    const auto found = given.find(setting.key);
    if (found == given.end()) continue;
    const std::string& written = found->second.in_file;
    const bool is_list = setting.shape == Shape::kHook && is_hook_list(written);
    text += fmt::format("{}{}: {}\n", indent, name_in_stream(setting),
                        is_list ? written : nlohmann::json(written).dump());
  }
  return text;
}

}  // namespace

Result<Invocation> load_config(const ConfigInputs& inputs) {
  const Result<CommandLine> line = parse_command_line(inputs.arguments);
  if (!line) return tl::unexpected(line.error());
  if (line->help) return Invocation{Action::kPrintAndExit, {}, usage()};
  if (line->version) {
    return Invocation{Action::kPrintAndExit, {}, fmt::format("livestream-server {}\n", kVersion)};
  }
  if (line->schema) return Invocation{Action::kPrintAndExit, {}, config_schema()};
  Result<Effective> effective = Loader(*line, inputs).load();
  if (!effective) return tl::unexpected(effective.error());
  std::string text = line->check ? check_output(*effective) : "";
  return Invocation{line->check ? Action::kCheck : Action::kServe, std::move(effective->config),
                    std::move(text)};
}

Result<std::string> own_text(const ConfigInputs& inputs, const std::string& stream) {
  const Result<CommandLine> line = parse_command_line(inputs.arguments);
  if (!line) return tl::unexpected(line.error());
  const Result<Effective> effective = Loader(*line, inputs).load();
  if (!effective) return tl::unexpected(effective.error());
  std::string text;
  for (std::size_t i = 0; i < effective->own.size(); ++i) {
    if (effective->config.streams[i].name != stream) continue;
    text += lines_of(stream_settings(), effective->own[i], "");
    const std::string hooks = lines_of(hook_settings(), effective->own[i], "  ");
    if (!hooks.empty()) text += "hooks:\n" + hooks;
  }
  return text;
}

Result<Config> load_again(const ConfigInputs& inputs) {
  Result<Invocation> invocation = load_config(inputs);
  if (!invocation) return tl::unexpected(invocation.error());
  return std::move(invocation->config);
}

}  // namespace livestream
