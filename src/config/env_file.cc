#include "config/env_file.h"

#include <algorithm>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

#include "base/ascii.h"
#include "config/text_file.h"

namespace livestream {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kExport = "export";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kNone = std::string_view::npos;

tl::unexpected<Error> fail_at(int line, std::string_view why) {
  return fail(fmt::format(".env line {}: {}", line, why));
}

// The value of `text`, which begins with its quote.
Result<std::string> quoted_value(std::string_view text, int line) {
  const char quote = text.front();
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
        (text[i + 1] == '"' || text[i + 1] == '\\')) {
      ++i;
    }
    value.push_back(text[i]);
  }
  if (i == text.size()) return fail_at(line, "the quote is not closed on this line");
  const std::string_view rest = trim_left(text.substr(i + 1));
  if (!rest.empty() && rest.front() != '#') {
    return fail_at(line, "only a comment may follow the closing quote");
  }
  return value;
}

std::string plain_value(std::string_view text) {
  for (std::size_t hash = text.find('#'); hash != kNone; hash = text.find('#', hash + 1)) {
    if (hash == 0 || kBlanks.find(text[hash - 1]) != kNone) {
      text = text.substr(0, hash);
      break;
    }
  }
  return std::string(trim(text));
}

// Nothing for a blank line or a comment.
Result<std::optional<EnvFileEntry>> parse_line(std::string_view text, int line) {
  if (text.find('\0') != kNone)
    return fail_at(line, "holds a NUL byte, so this is not a text file");
  text = trim(text);
  if (text.empty() || text.front() == '#') return std::nullopt;
  if (text.substr(0, kExport.size()) == kExport && text.size() > kExport.size() &&
      kBlanks.find(text[kExport.size()]) != kNone) {
    text = trim_left(text.substr(kExport.size()));
  }
  const std::size_t equals = text.find('=');
  if (equals == kNone) return fail_at(line, "expected KEY=VALUE, found no `=`");
  const std::string_view key = trim(text.substr(0, equals));
  if (key.empty()) return fail_at(line, "expected KEY=VALUE, found nothing before the `=`");
  if (key.find_first_of(" \t'\"") != kNone) {
    return fail_at(line, "expected KEY=VALUE, found a blank or a quote in the key");
  }
  const std::string_view rest = text.substr(equals + 1);
  const std::string_view value = trim_left(rest);
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) {
    return EnvFileEntry{std::string(key), plain_value(rest), line};
  }
  Result<std::string> unquoted = quoted_value(value, line);
  if (!unquoted) return tl::unexpected(unquoted.error());
  return EnvFileEntry{std::string(key), *std::move(unquoted), line};
}

}  // namespace

Result<EnvFile> read_env_file(const std::string& directory) {
  // Python keeps virtual environments in folders of this name.
  const Result<std::optional<TextFile>> file = read_text_file(directory + "/.env", ".env");
  if (!file) return tl::unexpected(file.error());
  if (!*file) return EnvFile{};
  Result<std::vector<EnvFileEntry>> entries = parse_env_file((*file)->text);
  if (!entries) return tl::unexpected(entries.error());
  return EnvFile{*std::move(entries),
                 reason_to_distrust(".env", (*file)->owner, (*file)->mode, ::geteuid())};
}

Result<std::vector<EnvFileEntry>> parse_env_file(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  std::vector<EnvFileEntry> entries;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!content.empty() && content.back() == '\r') content.remove_suffix(1);
    Result<std::optional<EnvFileEntry>> entry = parse_line(content, line);
    if (!entry) return tl::unexpected(entry.error());
    if (*entry) entries.push_back(**std::move(entry));
  }
  return entries;
}

}  // namespace livestream
