#include "base/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace livestream {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::string_view kSeparator = "://";
constexpr std::string_view kEncodedSeparator = "%3a%2f%2f";
constexpr std::size_t kNone = std::string_view::npos;

// A query parameter is secret when its name contains one of these.
constexpr std::array<std::string_view, 12> kSecretWords = {
    "token", "key",        "pass", "pwd",      "secret", "auth",
    "sig",   "credential", "user", "streamid", "usr",    "jwt"};
// These are secret wherever they stand before a `=`, as in options of ffmpeg's.
constexpr std::array<std::string_view, 3> kSecretNames = {"passphrase", "password", "streamid"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_name_char(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("_-.~%+$[]*!").find(c) != kNone;
}

bool is_scheme_char(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '+' || c == '-' || c == '.';
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                    [](char a, char b) { return a == lower(b); });
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// A parameter's name without percent-encoding, in lower case.
std::string plain_name(std::string_view name) {
  std::string plain;
  plain.reserve(name.size());
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c == '%' && i + 2 < name.size() && hex_value(name[i + 1]) >= 0 &&
        hex_value(name[i + 2]) >= 0) {
      c = static_cast<char>(hex_value(name[i + 1]) * 16 + hex_value(name[i + 2]));
      i += 2;
    }
    plain.push_back(lower(c));
  }
  return plain;
}

bool is_secret(std::string_view name, bool in_query) {
  const std::string plain = plain_name(name);
  const auto contained = [&](std::string_view word) { return plain.find(word) != kNone; };
  return in_query
             ? std::any_of(kSecretWords.begin(), kSecretWords.end(), contained)
             : std::find(kSecretNames.begin(), kSecretNames.end(), plain) != kSecretNames.end();
}

// Whether what stands between `://` and the path can be a host with or without a port, and so not
// the beginning of `user:password`. Punctuation of the sentence around it may follow the port.
bool looks_like_host(std::string_view authority) {
  std::size_t colon = authority.find(':');
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == kNone) return false;
    colon = authority.find(':', bracket);
  }
  if (colon == kNone) return true;
  const std::string_view port = authority.substr(colon + 1);
  const std::size_t digits =
      static_cast<std::size_t>(std::find_if_not(port.begin(), port.end(), is_digit) - port.begin());
  return digits <= 5 && port.find_first_not_of(":,.;)]}>!'\"`", digits) == kNone;
}

class Masker {
 public:
  explicit Masker(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  std::string run() {
    while (at_ < text_.size()) {
      if (text_.substr(at_, kSeparator.size()) == kSeparator) {
        copy_to(at_ + kSeparator.size());
        mask_to(user_info_end());
      } else if (starts_with_ignoring_case(text_.substr(at_), kEncodedSeparator)) {
        copy_to(at_ + kEncodedSeparator.size());
        mask_to(encoded_user_info_end());
      } else if (is_name_char(text_[at_])) {
        parameter();
      } else {
        copy_to(at_ + 1);
      }
    }
    return std::move(out_);
  }

 private:
  void copy_to(std::size_t end) {
    out_.append(text_.substr(at_, end - at_));
    at_ = end;
  }

  void mask_to(std::size_t end) {
    if (end <= at_) return;
    out_.append(kMask);
    at_ = end;
  }

  // A word, with what follows it when it is the name of a secret parameter.
  void parameter() {
    const bool in_query = at_ > 0 && std::string_view("?&;#").find(text_[at_ - 1]) != kNone;
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end]) &&
           !starts_with_ignoring_case(text_.substr(end), kEncodedSeparator)) {
      ++end;
    }
    const std::string_view name = text_.substr(at_, end - at_);
    copy_to(end);
    if (at_ == text_.size() || text_[at_] != '=' || !is_secret(name, in_query)) return;
    copy_to(at_ + 1);
    while (end < text_.size() && text_[end] != '&' && !ends_value(end)) ++end;
    mask_to(end);
  }

  // Whether a quote at `i` is one that closes: it stands before a blank or punctuation. Others may
  // be part of a password.
  [[nodiscard]] bool is_closing_quote(std::size_t i) const {
    if (!is_quote(text_[i])) return false;
    if (i + 1 == text_.size()) return true;
    const char next = text_[i + 1];
    return is_blank(next) || is_quote(next) || std::string_view(",:;.)]}>").find(next) != kNone;
  }

  [[nodiscard]] bool ends_value(std::size_t i) const {
    return is_blank(text_[i]) || is_closing_quote(i);
  }

  // The character before the scheme of the URL whose `://` ends at `at_`.
  [[nodiscard]] char before_scheme() const {
    std::size_t i = at_ - kSeparator.size();
    while (i > 0 && is_scheme_char(text_[i - 1])) --i;
    return i > 0 ? text_[i - 1] : '\0';
  }

  // Where the user info of the URL whose `://` ends at `at_` ends: at its `@`, or `at_` itself
  // when there is none.
  [[nodiscard]] std::size_t user_info_end() {
    find_url_end();
    const std::size_t authority_end = std::min(text_.find_first_of("/?#", at_), url_end_);
    const std::string_view authority = text_.substr(at_, authority_end - at_);
    if (last_at_ != kNone && last_at_ >= at_) {
      // A later `@` belongs to a path as in `https://site/@name`, unless what stands before the
      // path may be the beginning of a password with a slash.
      return authority.find_first_of(":@") == kNone ? at_ : last_at_;
    }
    if (looks_like_host(authority)) return at_;
    // `user:password` with no `@` in sight: it comes after a blank, or was cut off.
    return at_sign_in_line(url_end_);
  }

  // The same of a URL inside another one's query.
  [[nodiscard]] std::size_t encoded_user_info_end() const {
    std::size_t at_sign = at_;
    for (std::size_t i = at_; i < text_.size() && text_[i] != '&' && !ends_value(i); ++i) {
      if (text_[i] == '@' || text_.substr(i, 3) == "%40") at_sign = i;
      if (i > at_ && starts_with_ignoring_case(text_.substr(i), kEncodedSeparator)) break;
    }
    return at_sign;
  }

  // Sets the end of the URL around `at_` and its last `@`. One search serves every `://` in it.
  // A blank ends it, or the quote that it began with.
  void find_url_end() {
    if (at_ < url_end_) return;
    const char quote = before_scheme();
    last_at_ = kNone;
    for (url_end_ = at_; url_end_ < text_.size(); ++url_end_) {
      const char c = text_[url_end_];
      if (is_blank(c) || (c == quote && is_closing_quote(url_end_))) return;
      if (c == '@') last_at_ = url_end_;
    }
  }

  // The next `@` in the line that has a word right before it (ffmpeg writes `[tcp @ 0x5566]`),
  // or `from` when there is none.
  [[nodiscard]] std::size_t at_sign_in_line(std::size_t from) {
    for (line_searched_ = std::max(line_searched_, from);
         line_searched_ < text_.size() && text_[line_searched_] != '\n'; ++line_searched_) {
      if (text_[line_searched_] == '@' && !is_blank(text_[line_searched_ - 1])) {
        return line_searched_;
      }
    }
    return from;
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;             // all before it is in out_
  std::size_t url_end_ = 0;        // of the URL looked at last
  std::size_t last_at_ = kNone;    // in that URL
  std::size_t line_searched_ = 0;  // no `@` of use between the last suspicious URL and here
};

}  // namespace

std::string mask_credentials(std::string_view text) { return Masker(text).run(); }

}  // namespace livestream
