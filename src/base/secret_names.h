#pragma once

#include <string_view>

namespace livestream {

// Names of parameters and headers whose values are credentials. Percent-encoding, case and
// punctuation of a name do not matter: Access-Token, access_token, acces%73Token.

// `?NAME=value` of a URL, also as a part of its path.
[[nodiscard]] bool is_secret_in_url(std::string_view name);

// `NAME=value` anywhere, such as an option of ffmpeg. Fewer names, because other text has `key=`
// and `user=` for harmless things.
[[nodiscard]] bool is_secret_anywhere(std::string_view name);

// `NAME: value` of an HTTP or RTSP message.
[[nodiscard]] bool is_secret_header(std::string_view name);

}  // namespace livestream
