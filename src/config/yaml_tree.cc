#include "config/yaml_tree.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/escape.h"
#include "config/shown.h"

namespace livestream {
namespace {

constexpr std::size_t kDeepest = 20;
// With the values behind aliases counted at each of them.
constexpr std::size_t kMostValues = 100'000;
constexpr std::string_view kMerge = "<<";

using NodePtr = std::shared_ptr<const YamlNode>;

// Leaves yaml-cpp's parser, which has no other way to be stopped; caught in parse_yaml().
struct Refusal : std::exception {
  Refusal(int line_of_it, std::string why_it_is) : line(line_of_it), why(std::move(why_it_is)) {}
  [[nodiscard]] const char* what() const noexcept override { return why.c_str(); }
  int line;
  std::string why;
};

int line_of(const YAML::Mark& mark) { return mark.line + 1; }

// Builds the tree from yaml-cpp's events. Its own tree keeps duplicate keys, does not know merge
// keys, and has no limit for aliases.
class TreeBuilder final : public YAML::EventHandler {
 public:
  [[nodiscard]] NodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_leaf(YamlNode::Kind::kNull, mark, anchor, {});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    add_leaf(YamlNode::Kind::kScalar, mark, anchor, value);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Refusal(line_of(mark), "an alias (*) stands within what its anchor (&) names");
    const auto [node, size] = found->second;
    add(node, size, line_of(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map that is not complete yet.
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    // The values in it, itself included.
    std::size_t size = 1;
    // kMap: the key whose value comes next, and the keys so far.
    bool has_key = false;
    std::string key;
    int key_line = 0;
    std::set<std::string> keys;
    std::vector<NodePtr> merged;
  };

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    throw Refusal(line_of(mark), fmt::format("tags such as {} are not known here: a value from "
                                             "the environment is written ${{NAME}}",
                                             shown(tag)));
  }

  void add_leaf(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
                const std::string& text) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = line_of(mark);
    node->text = text;
    finish(std::move(node), anchor, 1);
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    if (open_.size() >= kDeepest)
      throw Refusal(line_of(mark), fmt::format("is nested more than {} levels deep", kDeepest));
    Open next;
    next.node = std::make_shared<YamlNode>();
    next.node->kind = kind;
    next.node->line = line_of(mark);
    next.anchor = anchor;
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    for (const NodePtr& map : done.merged) {
      for (const YamlNode::Entry& entry : map->entries) {
        if (done.keys.insert(entry.key).second) done.node->entries.push_back(entry);
      }
    }
    finish(std::move(done.node), done.anchor, done.size);
  }

  void finish(NodePtr node, YAML::anchor_t anchor, std::size_t size) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {node, size};
    const int line = node->line;
    add(std::move(node), size, line);
  }

  // Puts a complete value, with `size` values in it, where the parser stands.
  void add(NodePtr node, std::size_t size, int line) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.size += size;
    if (parent.size > kMostValues)
      throw Refusal(line,
                    fmt::format("has more than {} values, those of aliases included", kMostValues));
    if (parent.node->kind == YamlNode::Kind::kList) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.has_key) {
      take_key(parent, *node, line);
    } else if (parent.has_key = false; parent.key == kMerge) {
      merge(parent, node, line);
    } else {
      parent.node->entries.push_back({std::move(parent.key), parent.key_line, std::move(node)});
    }
  }

  static void take_key(Open& parent, const YamlNode& key, int line) {
    if (key.kind != YamlNode::Kind::kScalar)
      throw Refusal(line, "a key must be a word, with `: ` and its value behind it");
    // Merge keys may come more than once: others do so too.
    if (key.text != kMerge && !parent.keys.insert(key.text).second)
      throw Refusal(line, fmt::format("{} is there twice", shown(key.text)));
    parent.has_key = true;
    parent.key = key.text;
    parent.key_line = line;
  }

  static void merge(Open& parent, const NodePtr& node, int line) {
    const auto is_map = [](const NodePtr& it) { return it->kind == YamlNode::Kind::kMap; };
    if (is_map(node)) {
      parent.merged.push_back(node);
    } else if (node->kind == YamlNode::Kind::kList &&
               std::all_of(node->items.begin(), node->items.end(), is_map)) {
      parent.merged.insert(parent.merged.end(), node->items.begin(), node->items.end());
    } else {
      throw Refusal(line, "<< takes an alias of a map, such as <<: *name, or a list of these");
    }
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::pair<NodePtr, std::size_t>> anchors_;
  NodePtr root_;
};

// Where a text stops being one that yaml-cpp reads as it is meant: other encodings than UTF-8 it
// would guess, and some control characters it takes for the end of the file.
void refuse_what_is_not_text(std::string_view text) {
  for (int line = 1; !text.empty(); ++line) {
    std::string_view content = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(content.size() + 1, text.size()));
    if (content.ends_with('\r')) content.remove_suffix(1);
    if (!is_utf8(content)) throw Refusal(line, "is not UTF-8: save the file in that encoding");
    if (std::any_of(content.begin(), content.end(),
                    [](char c) { return c != '\t' && static_cast<unsigned char>(c) < ' '; }))
      throw Refusal(line, "holds a control character, so this is not a text file");
  }
}

// The line, from 1, whose indentation has a tab, among the first `count`; else 0.
int line_with_tab(std::string_view text, int count) {
  for (int line = 1; line <= count && !text.empty(); ++line) {
    const std::string_view content = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(content.size() + 1, text.size()));
    const std::size_t first = content.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && content.find('\t') < first) return line;
  }
  return 0;
}

NodePtr build(std::string_view text) {
  refuse_what_is_not_text(text);
  std::istringstream input{std::string(text)};
  YAML::Parser parser(input);
  TreeBuilder builder;
  if (!parser.HandleNextDocument(builder) || !builder.root()) return std::make_shared<YamlNode>();
  NodePtr root = builder.root();
  if (TreeBuilder second; parser.HandleNextDocument(second) && second.root())
    throw Refusal(second.root()->line, "begins a second document (---): one is enough");
  return root;
}

}  // namespace

Result<std::shared_ptr<const YamlNode>> parse_yaml(std::string_view text, std::string_view name) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  try {
    return build(text);
  } catch (const Refusal& refusal) {
    return fail(fmt::format("{} line {}: {}", name, refusal.line, refusal.why));
  } catch (const YAML::Exception& error) {
    const int line = std::max(line_of(error.mark), 1);
    if (const int tab = line_with_tab(text, line); tab > 0)
      return fail(fmt::format("{} line {}: begins with a tab: indent with blanks", name, tab));
    return fail(fmt::format("{} line {}: is not valid YAML: {}", name, line, shown(error.msg)));
  }
}

}  // namespace livestream
