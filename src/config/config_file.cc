#include "config/config_file.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "config/nearest_setting.h"
#include "config/shown.h"
#include "config/stream_name.h"
#include "config/yaml_tree.h"

namespace livestream {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kSource = "VIDEO_FILE";
constexpr std::string_view kSourceInFile = "source";
constexpr std::string_view kDefaultsKey = "defaults";
constexpr std::string_view kStreamsKey = "streams";
constexpr std::string_view kHooksKey = "hooks";
constexpr std::size_t kMostStreams = 1000;

// The parts of a file that settings may stand in.
enum class Part : std::uint8_t { kServer, kDefaults, kStream, kHooks };

std::span<const Setting> settings_of(Part part) {
  if (part == Part::kHooks) return hook_settings();
  return part == Part::kServer ? server_settings() : stream_settings();
}

const char* word_for(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "one value";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "";
}

std::vector<std::string> names_in(Part part) {
  std::vector<std::string> names;
  for (const Setting& setting : settings_of(part)) {
    if (!setting.flag_only) names.push_back(name_in_file(setting));
  }
  if (part == Part::kServer) {
    names.emplace_back(kDefaultsKey);
    names.emplace_back(kStreamsKey);
  }
  if (part == Part::kStream) names.emplace_back(kSourceInFile);
  if (part != Part::kHooks) names.emplace_back(kHooksKey);
  return names;
}

// Finds the same values in the form that they have within a text of JSON.
FindVariable find_for_json(const FindVariable& find) {
  using Json = nlohmann::json;
  return [&find](std::string_view name) {
    std::optional<std::string> value = find(name);
    if (!value) return value;
    const std::string quoted = Json(*value).dump(-1, ' ', false, Json::error_handler_t::replace);
    return std::optional(quoted.substr(1, quoted.size() - 2));
  };
}

class FileReader {
 public:
  explicit FileReader(const FileContext& context) : context_(context) {}

  Result<ConfigFile> config(const YamlNode& root) {
    if (root.kind == Kind::kNull) return std::move(file_);
    if (root.kind != Kind::kMap) return wrong_kind(root, "the file", "keys and values");
    for (const YamlNode::Entry& entry : root.entries) {
      Result<void> done;
      if (entry.key == kStreamsKey) {
        done = streams(*entry.value);
      } else if (entry.key == kDefaultsKey) {
        done = defaults(*entry.value);
      } else {
        done = setting(entry, Part::kServer, file_.server);
      }
      if (!done) return tl::unexpected(done.error());
    }
    return std::move(file_);
  }

  Result<ConfigFile> one_stream(const YamlNode& root, std::string_view name, bool whole) {
    if (const std::string problem = problem_of_stream_name(name); !problem.empty())
      return fail(fmt::format("{}: {}", context_.name, problem));
    if (root.kind == Kind::kScalar) return wrong_kind(root, "the file", "keys, such as source:");
    if (const Result<void> done = stream(std::string(name), root.line, root, whole); !done)
      return tl::unexpected(done.error());
    return std::move(file_);
  }

 private:
  [[nodiscard]] std::string place(int line) const {
    return fmt::format("{} line {}", context_.name, std::max(line, 1));
  }
  [[nodiscard]] tl::unexpected<Error> fail_at(int line, std::string_view why) const {
    return fail(fmt::format("{}: {}", place(line), why));
  }
  [[nodiscard]] tl::unexpected<Error> wrong_kind(const YamlNode& node, std::string_view key,
                                                 std::string_view expected) const {
    return fail_at(node.line,
                   fmt::format("{}: must hold {}, not {}", shown(key), expected, word_for(node)));
  }

  Result<void> defaults(const YamlNode& node) {
    if (node.kind == Kind::kNull) return {};
    if (node.kind != Kind::kMap) return wrong_kind(node, kDefaultsKey, "settings of streams");
    for (const YamlNode::Entry& entry : node.entries) {
      if (const Result<void> done = setting(entry, Part::kDefaults, file_.defaults); !done)
        return done;
    }
    return {};
  }

  Result<void> streams(const YamlNode& node) {
    if (node.kind == Kind::kNull) return {};
    if (node.kind != Kind::kMap)
      return wrong_kind(node, kStreamsKey, "names of streams, each with its source");
    for (const YamlNode::Entry& entry : node.entries) {
      if (const std::string problem = problem_of_stream_name(entry.key); !problem.empty())
        return fail_at(entry.line, problem);
      if (file_.streams.size() == kMostStreams)
        return fail_at(entry.line, fmt::format("has more than {} streams", kMostStreams));
      if (const Result<void> done = stream(entry.key, entry.line, *entry.value, true); !done)
        return done;
    }
    return {};
  }

  Result<void> stream(const std::string& name, int line, const YamlNode& node, bool whole) {
    FileStream stream{name, place(line), {}};
    if (node.kind == Kind::kScalar) {
      if (const Result<void> done =
              value(node, line, name, *find_setting(stream_settings(), kSource), stream.values);
          !done)
        return done;
    } else if (node.kind == Kind::kMap) {
      for (const YamlNode::Entry& entry : node.entries) {
        if (const Result<void> done = setting(entry, Part::kStream, stream.values); !done)
          return done;
      }
    } else if (node.kind == Kind::kList) {
      return wrong_kind(node, name, "a source, or keys such as source:");
    }
    if (whole && stream.values.count(kSource) == 0) {
      return fail_at(line,
                     fmt::format("{} lacks its source, such as source: rtsp://camera/1", name));
    }
    file_.streams.push_back(std::move(stream));
    return {};
  }

  // One entry of a map whose keys are settings.
  Result<void> setting(const YamlNode::Entry& entry, Part part, GivenByKey& values) {
    if (entry.key == kHooksKey && part != Part::kHooks) return hooks(*entry.value, values);
    const bool is_source = part == Part::kStream && entry.key == kSourceInFile;
    const Setting* known = find_setting(settings_of(part), is_source ? kSource : entry.key);
    // Keys are written in lower case.
    if (known != nullptr && !is_source && name_in_file(*known) != entry.key) known = nullptr;
    if (known == nullptr) return unknown_key(entry, part);
    if (known->flag_only) {
      return fail_at(entry.line,
                     fmt::format("{} can only be given as the flag {}", entry.key, known->flag()));
    }
    if (part == Part::kDefaults && known->key == kSource) return unknown_key(entry, part);
    if (values.count(known->key) > 0)
      return fail_at(entry.line, "source and video_file mean the same: one is enough");
    const std::string key =
        part == Part::kHooks ? fmt::format("{}.{}", kHooksKey, entry.key) : entry.key;
    return value(*entry.value, entry.line, key, *known, values);
  }

  Result<void> hooks(const YamlNode& node, GivenByKey& values) {
    if (node.kind == Kind::kNull) {
      for (const Setting& setting : hook_settings()) file_.unset.push_back(setting.key);
      return {};
    }
    if (node.kind != Kind::kMap)
      return wrong_kind(node, kHooksKey, "events, such as source_down:, each with what runs then");
    for (const YamlNode::Entry& entry : node.entries) {
      if (const Result<void> done = setting(entry, Part::kHooks, values); !done) return done;
    }
    return {};
  }

  [[nodiscard]] Result<void> unknown_key(const YamlNode::Entry& entry, Part part) const {
    const std::string key = shown(entry.key);
    if (entry.key == kSourceInFile || entry.key == "video_file")
      return fail_at(entry.line, fmt::format("{0} belongs to a stream: streams: NAME: {0}:", key));
    const auto known_in = [&](Part other) {
      const Setting* setting = find_setting(settings_of(other), entry.key);
      return other != part && setting != nullptr && name_in_file(*setting) == entry.key;
    };
    if (part != Part::kServer && known_in(Part::kServer)) {
      return fail_at(entry.line,
                     fmt::format("{} is a setting of the server: put it into livestream.yml, "
                                 "without blanks in front",
                                 key));
    }
    if (part == Part::kServer && known_in(Part::kStream)) {
      return fail_at(entry.line,
                     fmt::format("{} is a setting of streams: put it below defaults: or "
                                 "below a stream",
                                 key));
    }
    if (part != Part::kHooks && find_setting(hook_settings(), entry.key) != nullptr)
      return fail_at(entry.line, fmt::format("{} belongs below {}:", key, kHooksKey));
    const auto meant = nearest_name(entry.key, names_in(part));
    return fail_at(entry.line,
                   meant ? fmt::format("{} is not a setting: did you mean {}?", key, *meant)
                         : fmt::format("{} is not a setting", key));
  }

  Result<void> value(const YamlNode& node, int line, std::string_view key, const Setting& setting,
                     GivenByKey& values) {
    const auto text = text_of(node, line, key, setting);
    if (!text) return tl::unexpected(text.error());
    file_.has_secret_in_clear = file_.has_secret_in_clear || holds_secret_in_clear(*text);
    const bool is_command = setting.shape == Shape::kHook && node.kind == Kind::kList;
    const bool runs = setting.runs || (is_command && !node.items.empty());
    const FindVariable& find = runs ? context_.variables.find_for_program : context_.variables.find;
    Result<std::string> resolved =
        resolve_references(*text, is_command ? find_for_json(find) : find);
    if (!resolved) return fail_at(line, fmt::format("{}: {}", key, resolved.error().message));
    if (resolved->empty()) {
      file_.unset.push_back(setting.key);
      return {};
    }
    if (runs && !context_.distrust.empty()) {
      file_.notices.push_back(fmt::format(
          "{}: {} is ignored, because it chooses a program to run and {}{}", place(line), key,
          context_.distrust, setting.file_only ? "" : fmt::format(", or give {}", setting.flag())));
      return {};
    }
    Given given = {*std::move(resolved), fmt::format("{}: {}", place(line), key), place(line),
                   *text};
    // One text is never a command, whatever a variable holds.
    if (setting.shape == Shape::kHook && !is_command && is_hook_list(given.value))
      return fail(refusal_of(given, setting));
    values[setting.key] = std::move(given);
    return {};
  }

  // The value as a flag would give it.
  [[nodiscard]] Result<std::string> text_of(const YamlNode& node, int line, std::string_view key,
                                            const Setting& setting) const {
    const auto is_word = [](const auto& item) { return item->kind == Kind::kScalar; };
    if (node.kind == Kind::kNull) return std::string();
    if (node.kind == Kind::kScalar) return node.text;
    const bool takes_list = setting.list || setting.shape == Shape::kHook;
    if (node.kind == Kind::kList && takes_list &&
        std::all_of(node.items.begin(), node.items.end(), is_word)) {
      std::vector<std::string> items;
      for (const auto& item : node.items) items.push_back(item->text);
      if (setting.shape == Shape::kHook) return nlohmann::json(items).dump();
      return fmt::format("{}", fmt::join(items, ","));
    }
    return fail_at(line,
                   fmt::format("{}: must be {}, not {}", key, setting.allowed, word_for(node)));
  }

  const FileContext& context_;
  ConfigFile file_;
};

}  // namespace

Result<ConfigFile> parse_config_file(std::string_view text, const FileContext& context) {
  const auto root = parse_yaml(text, context.name);
  if (!root) return tl::unexpected(root.error());
  return FileReader(context).config(**root);
}

Result<ConfigFile> parse_stream_file(std::string_view text, std::string_view stream,
                                     const FileContext& context) {
  const auto root = parse_yaml(text, context.name);
  if (!root) return tl::unexpected(root.error());
  return FileReader(context).one_stream(**root, stream, true);
}

Result<ConfigFile> parse_stream_keys(std::string_view text, std::string_view stream,
                                     const FileContext& context) {
  const auto root = parse_yaml(text, context.name);
  if (!root) return tl::unexpected(root.error());
  return FileReader(context).one_stream(**root, stream, false);
}

}  // namespace livestream
