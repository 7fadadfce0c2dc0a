#include "outlet/json_response.h"

#include <string_view>
#include <utility>

namespace livestream {

using Json = nlohmann::ordered_json;

http::Response json_response(const Json& json, unsigned status) {
  return json_text_response(SharedBytes(std::string_view(body_text(json))), status);
}

http::Response json_text_response(SharedBytes text, unsigned status) {
  http::Response response;
  response.head.status = status;
  response.head.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = std::move(text);
  return response;
}

std::string body_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace livestream
