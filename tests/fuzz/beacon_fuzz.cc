// POST /beacon: any body.
#include <variant>

#include "fuzz.h"
#include "outlet/beacon_outlet.h"

using namespace livestream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const auto stream = std::make_shared<const Stream>("default", "e");
  ViewerRegistry viewers({.viewers = 1}, [] { return 1; });
  const auto viewer = viewers.join(stream, "192.0.2.1:1", "fuzz", {}, SteadyTime()).value();
  http::Request request;
  request.method = "POST";
  request.path = "/beacon";
  request.body = std::string(input.text);
  const http::Answer answer = take_beacon(request, viewers);
  const auto* response = std::get_if<http::Response>(&answer);
  fuzz::require(response != nullptr, "a beacon is answered at once");
  fuzz::require(response->head.status == 204 || response->head.status == 400, "taken or refused");
  if (const auto report = viewers.player_report(viewer->id)) {
    fuzz::require(report->state.size() <= 32 && report->transport.size() <= 32, "words are short");
    fuzz::require(report->rate == report->rate, "numbers are numbers");
  }
  return 0;
}
