#include "base/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.h"
#include "base/secret_names.h"

namespace livestream {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::string_view kSeparator = "://";
// The same within the query of another URL, once or twice encoded, or within JSON or JSON's text.
constexpr std::array<std::string_view, 6> kEncodedSeparators = {
    "%3a%2f%2f", "%253a%252f%252f", ":%2f%2f", "%3a//", R"(:\/\/)", R"(:\\/\\/)"};
constexpr std::array<std::string_view, 3> kAtSigns = {"@", "%40", "%2540"};
constexpr std::array<std::string_view, 2> kEncodedEquals = {"%3d", "%253d"};
constexpr std::array<std::string_view, 2> kEncodedAmpersands = {"%26", "%2526"};
// The standard form of an SRT stream id: user name, resource, session.
constexpr std::array<std::string_view, 2> kStreamIds = {"#!::", "%23!%3a%3a"};
// Names that end the value before them in the path of an XMEye camera:
// /user=admin_password=secret_channel=1_stream=0.sdp
constexpr std::array<std::string_view, 4> kUnderscoredNames = {
    "_user=", "_password=", "_channel=", "_stream="};
// Live services whose RTMP URLs end in the secret that permits sending: /app/KEY.
constexpr std::array<std::string_view, 5> kLiveServices = {
    ".youtube.com", ".twitch.tv", ".facebook.com", ".live-video.net", ".restream.io"};
constexpr std::array<std::string_view, 5> kAuthSchemes = {"basic", "bearer", "digest", "negotiate",
                                                          "token"};
constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_word_char(char c) { return is_digit(c) || is_letter(c); }
bool is_scheme_char(char c) { return is_word_char(c) || c == '+' || c == '-' || c == '.'; }
bool is_name_char(char c) {
  return is_word_char(c) || std::string_view("_-.~%+$[]*!").find(c) != kNone;
}

// The length of the one among `forms` (in lower case) that `text` starts with, or 0.
template <std::size_t N>
std::size_t length_of(const std::array<std::string_view, N>& forms, std::string_view text) {
  for (const std::string_view form : forms) {
    if (starts_with_ignoring_case(text, form)) return form.size();
  }
  return 0;
}

// Whether the text between `://` and the path can be a host with or without a port, and so not the
// beginning of `user:password`. Punctuation of the surrounding sentence may follow the port.
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

// Header, payload and signature in base64url; the header is JSON, so it begins with `{"`.
bool is_json_web_token(std::string_view word) {
  return word.size() > 20 && word.starts_with("eyJ") &&
         std::count(word.begin(), word.end(), '.') > 1;
}

// Unlike the next word of a sentence, base64 has capitals or digits inside.
bool looks_like_base64(std::string_view word) {
  const auto is_base64 = [](char c) { return is_word_char(c) || c == '+' || c == '/' || c == '='; };
  return word.size() >= 8 && word.size() % 4 == 0 &&
         std::all_of(word.begin(), word.end(), is_base64) &&
         std::any_of(word.begin() + 1, word.end(),
                     [](char c) { return is_upper(c) || is_digit(c) || c == '='; });
}

class Masker {
 public:
  explicit Masker(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  std::string run() {
    while (at_ < text_.size()) {
      if (rest().starts_with(kSeparator)) {
        url();
      } else if (const std::size_t separator = encoded_separator(at_); separator > 0) {
        copy_to(at_ + separator);
        mask_to(encoded_user_info_end());
      } else if (const std::size_t id = length_of(kStreamIds, rest()); id > 0) {
        copy_to(at_ + id);
        mask_to(value_end(at_));
      } else if (is_name_char(text_[at_])) {
        word();
      } else {
        copy_to(at_ + 1);
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest(std::size_t skip = 0) const {
    return text_.substr(std::min(at_ + skip, text_.size()));
  }
  [[nodiscard]] char before() const { return at_ > 0 ? text_[at_ - 1] : '\0'; }

  void copy_to(std::size_t end) {
    out_.append(text_.substr(at_, end - at_));
    at_ = end;
  }

  void mask_to(std::size_t end) {
    if (end <= at_) return;
    out_.append(kMask);
    at_ = end;
  }

  [[nodiscard]] std::size_t encoded_separator(std::size_t i) const {
    if (text_[i] != ':' && text_[i] != '%') return 0;
    return length_of(kEncodedSeparators, text_.substr(i));
  }

  [[nodiscard]] std::size_t encoded_equals(std::size_t i) const {
    return text_[i] == '%' ? length_of(kEncodedEquals, text_.substr(i)) : 0;
  }

  // A word, and the value behind it when the word is the name of a secret.
  void word() {
    const bool in_url = at_ < url_end_ || std::string_view("?&;#").find(before()) != kNone;
    const char quote = before();
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end]) && encoded_separator(end) == 0 &&
           encoded_equals(end) == 0)
      ++end;
    const std::string_view name = text_.substr(at_, end - at_);
    if (is_json_web_token(name)) return mask_to(end);
    copy_to(end);
    if (at_ == text_.size()) return;
    if (text_[at_] == '=') {
      copy_to(at_ + 1);
      if (in_url ? is_secret_in_url(name) : is_secret_anywhere(name)) mask_to(value_end(at_));
    } else if (const std::size_t equals = encoded_equals(at_); equals > 0) {
      copy_to(at_ + equals);
      if (is_secret_in_url(name)) mask_to(encoded_value_end(at_));
    } else if (text_[at_] == ':' && rest(1).starts_with(' ') && is_secret_header(name)) {
      copy_to(at_ + 2);
      header_value(quote);
    } else if (text_[at_] == ' ') {
      authorization(name, quote);
    }
  }

  // `Basic`, `Bearer` or `Digest` outside of a header, with what follows it.
  void authorization(std::string_view scheme, char quote) {
    const std::string_view value = rest(1).substr(0, value_end(at_ + 1) - (at_ + 1));
    const bool secret =
        (equal_ignoring_case(scheme, "basic") && looks_like_base64(value)) ||
        (equal_ignoring_case(scheme, "bearer") && value.size() >= 8) ||
        (equal_ignoring_case(scheme, "digest") && starts_with_ignoring_case(value, "username="));
    if (!secret) return;
    copy_to(at_ + 1);
    mask_to(equal_ignoring_case(scheme, "digest") ? line_end(quote) : value_end(at_));
  }

  // The value of a header whose name follows on `quote`.
  void header_value(char quote) {
    const std::size_t scheme = length_of(kAuthSchemes, rest());
    if (scheme > 0 && rest(scheme).starts_with(' ')) copy_to(at_ + scheme + 1);
    mask_to(line_end(quote));
  }

  // The end of the line from `at_` on, in a text that may write line ends as \r\n, or the quote
  // that closes `quote`.
  [[nodiscard]] std::size_t line_end(char quote) const {
    std::size_t i = at_;
    for (; i < text_.size() && text_[i] != '\n' && text_[i] != '\r'; ++i) {
      if (text_[i] == quote && text_[i - 1] != '\\' && is_closing_quote(i)) break;
      const std::string_view two = text_.substr(i, 2);
      if (two == "\\r" || two == "\\n") break;
    }
    return i;
  }

  // Whether a quote at `i` closes: it stands before a blank or punctuation. Other quotes may be
  // part of a password.
  [[nodiscard]] bool is_closing_quote(std::size_t i) const {
    if (!is_quote(text_[i])) return false;
    if (i + 1 == text_.size()) return true;
    const char next = text_[i + 1];
    return is_blank(next) || is_quote(next) || std::string_view(",:;.)]}>").find(next) != kNone;
  }

  [[nodiscard]] bool ends_value(std::size_t i) const {
    return text_[i] == '&' || is_blank(text_[i]) || is_closing_quote(i) ||
           (text_[i] == '_' && length_of(kUnderscoredNames, text_.substr(i)) > 0);
  }

  [[nodiscard]] std::size_t value_end(std::size_t from) const {
    while (from < text_.size() && !ends_value(from)) ++from;
    return from;
  }

  [[nodiscard]] std::size_t encoded_value_end(std::size_t from) const {
    while (from < text_.size() && !ends_value(from) &&
           length_of(kEncodedAmpersands, text_.substr(from)) == 0)
      ++from;
    return from;
  }

  // A URL whose `://` stands at `at_`.
  void url() {
    const std::size_t begin = scheme_begin();
    const char quote = begin > 0 ? text_[begin - 1] : '\0';
    const bool rtmp = starts_with_ignoring_case(text_.substr(begin, at_ - begin), "rtmp");
    copy_to(at_ + kSeparator.size());
    mask_to(user_info_end(quote));
    if (rtmp) stream_key();
  }

  // Where the scheme of the URL begins whose `://` stands at `at_`.
  [[nodiscard]] std::size_t scheme_begin() const {
    std::size_t i = at_;
    while (i > 0 && is_scheme_char(text_[i - 1])) --i;
    return i;
  }

  // Masks the path behind /app/ when `at_` is at the host, or the `@` before it, of a live service.
  void stream_key() {
    if (at_ < url_end_ && text_[at_] == '@') copy_to(at_ + 1);
    const std::string_view url = text_.substr(at_, std::max(url_end_, at_) - at_);
    const std::string_view host = url.substr(0, url.find_first_of(":/?#"));
    const std::size_t app = url.find('/');
    const std::size_t key = app == kNone ? kNone : url.find('/', app + 1);
    const bool known =
        std::any_of(kLiveServices.begin(), kLiveServices.end(),
                    [&](std::string_view end) { return to_lower_case(host).ends_with(end); });
    if (!known || key == kNone) return;
    copy_to(at_ + key + 1);
    mask_to(value_end_of_url());
  }

  [[nodiscard]] std::size_t value_end_of_url() const {
    std::size_t end = at_;
    while (end < url_end_ && !is_closing_quote(end)) ++end;
    return end;
  }

  // Where the user info of the URL ends whose authority begins at `at_`: at its `@`, or `at_`
  // itself when there is none.
  [[nodiscard]] std::size_t user_info_end(char quote) {
    find_url_end(quote);
    const std::size_t authority_end = std::min(text_.find_first_of("/?#", at_), url_end_);
    const std::string_view authority = text_.substr(at_, authority_end - at_);
    if (authority.starts_with('@')) return at_;
    if (last_at_ != kNone && last_at_ >= at_) {
      // A later `@` belongs to a path as in `https://site/@name`, unless the text before the path
      // may be the beginning of a password with a slash.
      if (authority.find_first_of(":@") == kNone) return at_;
      const bool has_password = text_.substr(at_, last_at_ - at_).find(':') != kNone;
      return has_password ? at_sign_in_stretch(quote, last_at_) : last_at_;
    }
    if (looks_like_host(authority)) return at_;
    // `user:password` without an `@` before the blank: the `@` comes later or was cut off.
    return at_sign_in_stretch(quote, url_end_);
  }

  // The same of a URL inside the query of another one.
  [[nodiscard]] std::size_t encoded_user_info_end() const {
    std::size_t at_sign = at_;
    bool in_authority = true;
    bool suspicious = false;
    for (std::size_t i = at_; i < text_.size() && !ends_value(i); ++i) {
      const std::string_view here = text_.substr(i);
      const bool at = length_of(kAtSigns, here) > 0;
      if (at) at_sign = i;
      if (in_authority && (at || here.front() == ':' || starts_with_ignoring_case(here, "%3a") ||
                           starts_with_ignoring_case(here, "%253a")))
        suspicious = true;
      if (here.front() == '/' || starts_with_ignoring_case(here, "%2f") ||
          starts_with_ignoring_case(here, "%252f"))
        in_authority = false;
      if (i > at_ && encoded_separator(i) > 0) break;
    }
    return suspicious ? at_sign : at_;
  }

  // Sets the end of the URL around `at_` and its last `@`. One search serves every `://` in it.
  // A blank ends it, or the quote that it began with.
  void find_url_end(char quote) {
    if (at_ < url_end_) return;
    last_at_ = kNone;
    for (url_end_ = at_; url_end_ < text_.size(); ++url_end_) {
      const char c = text_[url_end_];
      if (is_blank(c) || (c == quote && is_closing_quote(url_end_))) return;
      if (c == '@') last_at_ = url_end_;
    }
  }

  // A password with blanks goes on behind the end of the URL: the last `@` between two characters
  // that are not blank (ffmpeg writes `[tcp @ 0x5566]`) before the closing quote, the next URL or
  // the end of the line; `otherwise` when there is none.
  [[nodiscard]] std::size_t at_sign_in_stretch(char quote, std::size_t otherwise) {
    if (at_ >= stretch_end_) find_stretch(quote);
    return stretch_at_ != kNone && stretch_at_ > otherwise ? stretch_at_ : otherwise;
  }

  void find_stretch(char quote) {
    stretch_at_ = kNone;
    std::size_t before_blank = kNone;  // the last `@` before the last blank
    for (stretch_end_ = url_end_; stretch_end_ < text_.size(); ++stretch_end_) {
      const std::size_t i = stretch_end_;
      if (text_[i] == '\n' || (text_[i] == quote && is_closing_quote(i))) return;
      if (text_.substr(i, kSeparator.size()) == kSeparator) {
        stretch_at_ = before_blank;
        return;
      }
      if (is_blank(text_[i])) before_blank = stretch_at_;
      if (text_[i] == '@' && i > 0 && !is_blank(text_[i - 1]) && i + 1 < text_.size() &&
          !is_blank(text_[i + 1]))
        stretch_at_ = i;
    }
  }

  std::string_view text_;
  std::string out_;
  // The text before this position is in out_.
  std::size_t at_ = 0;
  // The end of the last URL, and the last `@` in it.
  std::size_t url_end_ = 0;
  std::size_t last_at_ = kNone;
  // The end of the last stretch (find_stretch), and the last `@` in it.
  std::size_t stretch_end_ = 0;
  std::size_t stretch_at_ = kNone;
};

}  // namespace

std::string mask_credentials(std::string_view text) { return Masker(text).run(); }

}  // namespace livestream
