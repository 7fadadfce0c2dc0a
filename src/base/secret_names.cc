#include "base/secret_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace livestream {
namespace {

// Ends of names: `token` is also access_token and X-Auth-Token, `user` is also loginuser.
constexpr std::array<std::string_view, 22> kEndsInUrl = {
    "token",      "key",      "pass",     "pwd",       "passwd",     "password",
    "passphrase", "passcode", "secret",   "signature", "credential", "credentials",
    "auth",       "user",     "usr",      "username",  "userid",     "jwt",
    "streamid",   "hmac",     "authsign", "sessionid"};
// Whole names, too short or too common as ends. hdnts, hdnea, hdntl: Akamai; st, md5: secure links
// of nginx; loginuse, loginpas, pas, psw: cameras.
constexpr std::array<std::string_view, 20> kNamesInUrl = {
    "pw",    "pas",   "psw",   "pswd", "loginuse",      "loginpas", "login",
    "hdnts", "hdnea", "hdntl", "hash", "sign",          "sig",      "md5",
    "st",    "sid",   "uname", "tkn",  "authorization", "authbasic"};
constexpr std::array<std::string_view, 7> kEndsAnywhere = {
    "password", "passphrase", "passwd", "streamid", "token", "secret", "apikey"};
constexpr std::array<std::string_view, 4> kHeaders = {"authorization", "proxyauthorization",
                                                      "cookie", "setcookie"};

// Letters and digits of the decoded name, in lower case.
std::string compact(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c == '%' && i + 2 < name.size() && hex_value(name[i + 1]) >= 0 &&
        hex_value(name[i + 2]) >= 0) {
      c = static_cast<char>(hex_value(name[i + 1]) * 16 + hex_value(name[i + 2]));
      i += 2;
    }
    if (is_letter(c) || is_digit(c)) out.push_back(to_lower_case(c));
  }
  return out;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t N>
bool ends_with_one_of(const std::array<std::string_view, N>& ends, std::string_view name) {
  return std::any_of(ends.begin(), ends.end(),
                     [name](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

bool is_secret_in_url(std::string_view name) {
  const std::string plain = compact(name);
  return is_one_of(kNamesInUrl, plain) || ends_with_one_of(kEndsInUrl, plain);
}

bool is_secret_anywhere(std::string_view name) {
  const std::string plain = compact(name);
  return plain == "loginpas" || ends_with_one_of(kEndsAnywhere, plain);
}

bool is_secret_header(std::string_view name) {
  // `key:` and `user:` are also words of a sentence; a header has a dash then.
  return is_one_of(kHeaders, compact(name)) ||
         (name.find('-') != std::string_view::npos && is_secret_in_url(name));
}

}  // namespace livestream
