// Requests through a real session: a worker on a loopback port with resources whose code reads the
// request. An input holds the bytes that one client sends, in two parts, before it closes its side.
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <sched.h>

#include "fuzz.h"
#include "http/router.h"
#include "net/worker.h"
#include "outlet/beacon_outlet.h"
#include "outlet/web_policy.h"

using namespace livestream;

namespace {

// Three batches, then the end.
class ShortBody final : public http::BodySource {
 public:
  [[nodiscard]] http::Pull pull() override {
    if (left_-- == 0) return {.state = http::Pull::State::kEnd};
    return {.state = http::Pull::State::kBytes,
            .blocks = std::make_shared<const SharedBlocks>(std::vector<SharedBytes>{
                SharedBytes(std::string_view("picture")), SharedBytes(std::string_view("sound"))}),
            .more = true};
  }

 private:
  int left_ = 3;
};

std::unique_ptr<http::Handler> make_handler(ViewerRegistry& viewers) {
  auto router = std::make_unique<http::Router>();
  router->add("GET", "/time", [](const http::Request& request) {
    return http::text_response(200, request.parameter("x").value_or("now"));
  });
  router->add("POST", "/beacon",
              [&viewers](const http::Request& request) { return take_beacon(request, viewers); });
  router->add("GET", "/stream", [](const http::Request&) {
    return http::StreamingResponse{
        .head = {.status = 200, .headers = {{"Content-Type", "video/mp4"}}},
        .channel = 1,
        .body = std::make_unique<ShortBody>(),
        .greeting = "{}"};
  });
  return std::make_unique<WebPolicy>(std::move(router), "*");
}

// Lives until the process ends, and so does its thread.
struct Server {
  SystemClock clock;
  ViewerRegistry viewers{{.viewers = 1}};
  net::Admission admission{{}, clock};
  net::Worker worker{{}, admission, clock, Log(LogLevel::kError, LogFormat::kText)};
  std::uint16_t port = 0;
  std::thread thread;

  Server() {
    worker.set_handler(make_handler(viewers));
    const auto listening = worker.listen({boost::asio::ip::make_address("127.0.0.1"), 0});
    fuzz::require(listening.has_value(), "there is a port");
    port = *listening;
    thread = std::thread([this] { worker.run(); });
    thread.detach();
  }
};

// libFuzzer's timer interrupts waiting system calls.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Each connection has its own loopback address; the ports of a single one would be used up by
// closed connections.
int connect_to(std::uint16_t port) {
  static std::uint32_t turn = 0;
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  fuzz::require(fd >= 0, "a socket");
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(0x7f000002 + ++turn % 0xfffff0);
  sockaddr_in server = own;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fuzz::require(::bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0, "an address");
  const int connected = uninterrupted([&] {
    const int result = ::connect(fd, reinterpret_cast<sockaddr*>(&server), sizeof server);
    return result < 0 && errno == EISCONN ? 0 : result;
  });
  fuzz::require(connected == 0, "the server accepts");
  return fd;
}

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent =
        uninterrupted([&] { return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL); });
    // The server has refused the rest.
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Server& server = *new Server;
  const fuzz::Input input(data, size);
  const int fd = connect_to(server.port);
  send_all(fd, input.text.substr(0, input.cut()));
  ::sched_yield();
  send_all(fd, input.text.substr(input.cut()));
  ::shutdown(fd, SHUT_WR);
  std::string answer;
  char bytes[4096];
  for (ssize_t got = 0;
       (got = uninterrupted([&] { return ::recv(fd, bytes, sizeof bytes, 0); })) > 0;)
    answer.append(bytes, static_cast<std::size_t>(got));
  ::close(fd);
  fuzz::require(answer.empty() || answer.starts_with("HTTP/1.1 "), "an answer is HTTP");
  fuzz::require(answer.size() <= 8192 + 200 * input.bytes.size(),
                "answers do not amplify without bound");
  return 0;
}
