#pragma once

#include <string_view>

#include "http/response.h"
#include "outlet/server_control.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// /api/v1/...: the streams, viewers and configuration of the server as JSON, and their changes;
// docs/openapi.json describes each call. Answers programs of this machine only
// (is_local_administrator), others with 403. One per worker, on its thread; everything referred to
// outlives it and its answers.
class ApiOutlet {
 public:
  struct Context {
    const StreamRegistry& streams;
    ViewerRegistry& viewers;
    ServerControl& control;
  };
  explicit ApiOutlet(Context context) : context_(context) {}

  static constexpr std::string_view kPrefix = "/api/";

  // `request.path` begins with kPrefix.
  [[nodiscard]] http::Answer handle(const http::Request& request);

 private:
  [[nodiscard]] http::Answer streams(const http::Request& request, std::string_view rest);
  [[nodiscard]] http::Answer one_stream(const http::Request& request, const std::string& name);
  [[nodiscard]] http::Answer act(const http::Request& request, const std::string& name,
                                 std::string_view action);
  [[nodiscard]] http::Answer viewers(const http::Request& request, std::string_view rest);
  [[nodiscard]] http::Answer change(const http::Request& request, StreamChange change);

  const Context context_;
};

}  // namespace livestream
