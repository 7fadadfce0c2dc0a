#pragma once

#include <string>
#include <string_view>

namespace livestream {

// `text` with every credential replaced by `***`: the user info of a URL (user and password before
// the `@`), values of parameters and headers whose names say secret (secret_names.h), JSON web
// tokens, SRT stream ids, and the stream key in the path of an RTMP URL of a known live service.
// For everything that a person or a program other than ffmpeg gets to see. Works on a whole log
// line as on a single URL, on any bytes, in linear time.
//
// When in doubt it masks too much: passwords typed into URLs without percent-encoding their `@`,
// `/`, `#`, `?`, quotes or blanks are common.
[[nodiscard]] std::string mask_credentials(std::string_view text);

}  // namespace livestream
