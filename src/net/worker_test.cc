#include "net/worker.h"

#include <atomic>
#include <poll.h>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "http/router.h"

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

constexpr http::Channel kChannel = 7;
const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kStream = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";

// A clock that tests move while a worker reads it.
class SharedClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override {
    return SteadyTime(std::chrono::hours(1) + std::chrono::milliseconds(passed_ms));
  }
  [[nodiscard]] WallTime wall_now() const override { return {}; }
  std::atomic<std::int64_t> passed_ms{0};
};

// Gives as many bytes as have been published.
class CountedBody final : public http::BodySource {
 public:
  explicit CountedBody(const std::atomic<std::size_t>& published) : published_(published) {}
  [[nodiscard]] http::Pull pull() override {
    const std::size_t size = published_ - given_;
    if (size == 0) return {};
    given_ += size;
    return {.state = http::Pull::State::kBytes,
            .blocks = std::make_shared<const SharedBlocks>(
                std::vector<SharedBytes>{SharedBytes(std::string_view(std::string(size, 'p')))})};
  }

 private:
  const std::atomic<std::size_t>& published_;
  std::size_t given_ = 0;
};

class NeverKnown final : public http::PendingResponse {
 public:
  http::Answer poll(SteadyTime /*now*/) override {
    return std::unique_ptr<http::PendingResponse>();
  }
  [[nodiscard]] http::Channel channel() const override { return kChannel; }
  [[nodiscard]] SteadyTime deadline() const override { return SteadyTime::max(); }
};

class WorkerTest : public testing::Test {
 protected:
  void start(Admission::Limits limits = {}) {
    admission_.emplace(std::move(limits), clock_);
    worker_.emplace(Worker::Options{}, *admission_, clock_, Log::silent());
    auto router = std::make_unique<http::Router>();
    router->add("GET", "/a", [](const http::Request&) { return http::text_response(200, "a"); });
    router->add("GET", "/stream", [this](const http::Request&) {
      return http::StreamingResponse{.head = {.status = 200},
                                     .channel = kChannel,
                                     .body = std::make_unique<CountedBody>(published_)};
    });
    router->add("GET", "/never",
                [](const http::Request&) { return std::make_unique<NeverKnown>(); });
    worker_->set_handler(std::move(router));
    port_ = worker_->listen({boost::asio::ip::address_v4::loopback(), 0}).value();
    waker_ = worker_->make_waker(kChannel);
    thread_ = std::thread([this] { worker_->run(); });
  }
  void stop(std::chrono::milliseconds patience = 5s) {
    worker_->drain(patience);
    thread_.join();
  }
  ~WorkerTest() override {
    if (thread_.joinable()) stop(0ms);
  }

  tcp::socket connect() {
    tcp::socket client(io_);
    client.connect({boost::asio::ip::address_v4::loopback(), port_});
    return client;
  }
  tcp::socket ask(const std::string& request) {
    tcp::socket client = connect();
    boost::asio::write(client, boost::asio::buffer(request));
    return client;
  }
  // Reads until `end` has come.
  static std::string read(tcp::socket& client, std::string_view end) {
    std::string text;
    char byte = 0;
    boost::system::error_code error;
    while (!text.ends_with(end) && boost::asio::read(client, boost::asio::buffer(&byte, 1), error))
      text += byte;
    EXPECT_TRUE(text.ends_with(end)) << text;
    return text;
  }
  static std::string read_to_end(tcp::socket& client) {
    std::string text;
    boost::system::error_code error;
    boost::asio::read(client, boost::asio::dynamic_buffer(text), error);
    EXPECT_EQ(error, boost::asio::error::eof);
    return text;
  }

  // More than once, because the worker may have begun to wait only after the first time.
  void pass_time_until_readable(tcp::socket& client, std::chrono::milliseconds time) {
    pollfd readable{.fd = client.native_handle(), .events = POLLIN, .revents = 0};
    int ready = 0;
    for (int i = 0; i < 20 && ready == 0; ++i) {
      clock_.passed_ms += time.count();
      ready = ::poll(&readable, 1, 1000);
    }
    ASSERT_EQ(ready, 1);
  }

  SharedClock clock_;
  std::atomic<std::size_t> published_{0};
  std::optional<Admission> admission_;
  std::optional<Worker> worker_;
  std::shared_ptr<Waker> waker_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  boost::asio::io_context io_;
};

TEST_F(WorkerTest, AnswersRequestAfterRequestOfAConnection) {
  start();
  tcp::socket client = ask(kGet);
  EXPECT_TRUE(read(client, "\r\n\r\na\n").starts_with("HTTP/1.1 200 OK\r\n"));
  boost::asio::write(client, boost::asio::buffer(kGet));
  (void)read(client, "\r\n\r\na\n");
  client.close();
  stop();
  EXPECT_EQ(worker_->counters().accepted, 1u);
  EXPECT_EQ(worker_->counters().requests, 2u);
}

TEST_F(WorkerTest, WakesItsViewersFromAnotherThread) {
  start();
  tcp::socket one = ask(kStream);
  tcp::socket other = ask(kStream);
  published_ = 3;
  waker_->wake();
  waker_->wake();
  for (tcp::socket* client : {&one, &other}) (void)read(*client, "\r\n\r\n3\r\nppp\r\n");
  published_ = 5;
  waker_->wake();
  for (tcp::socket* client : {&one, &other}) (void)read(*client, "2\r\npp\r\n");
}

TEST_F(WorkerTest, RefusesTooManyRequestsOfOneAddressAtATime) {
  start({.connections_per_address = 2});
  const std::string never = "GET /never HTTP/1.1\r\nHost: x\r\n\r\n";
  tcp::socket one = ask(never);
  tcp::socket two = ask(never);
  while (worker_->counters().requests < 2) std::this_thread::yield();
  tcp::socket three = ask(kGet);
  const std::string refused = read_to_end(three);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_TRUE(refused.ends_with("\r\n\r\ntoo many requests of one address at the same time\n"));
  EXPECT_TRUE(refused.find("Content-Length: 50\r\n") != refused.npos);
}

TEST_F(WorkerTest, RefusesNothingForTheSakeOfViewersAndIdleConnections) {
  start({.connections_per_address = 2});
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 20; ++i) {
    published_ = 1;
    clients.push_back(ask(i % 2 == 0 ? kStream : kGet));
    (void)read(clients.back(), i % 2 == 0 ? "1\r\np\r\n" : "a\n");
  }
}

TEST_F(WorkerTest, ClosesAConnectionThatAsksForNothing) {
  start();
  tcp::socket client = ask(kGet);
  (void)read(client, "a\n");
  pass_time_until_readable(client, 60s);
  EXPECT_EQ(read_to_end(client), "");
}

TEST_F(WorkerTest, EndsARequestThatTakesTooLong) {
  start();
  tcp::socket client = ask(kGet + "GET /half");
  (void)read(client, "a\n");
  pass_time_until_readable(client, 10s);
  EXPECT_TRUE(read_to_end(client).starts_with("HTTP/1.1 408 "));
}

TEST_F(WorkerTest, DrainsEachKindOfConnectionProperly) {
  start();
  tcp::socket idle = ask(kGet);
  (void)read(idle, "a\n");
  tcp::socket half = ask(kGet + "GET /ha");
  (void)read(half, "a\n");
  published_ = 1;
  tcp::socket viewer = ask(kStream);
  (void)read(viewer, "1\r\np\r\n");
  tcp::socket waiting = ask(kGet + "GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  (void)read(waiting, "a\n");
  while (worker_->counters().requests < 5) std::this_thread::yield();
  worker_->drain(5s);
  EXPECT_EQ(read_to_end(idle), "");
  EXPECT_EQ(read_to_end(half), "");
  EXPECT_EQ(read_to_end(viewer), "0\r\n\r\n");
  const std::string refusal = read_to_end(waiting);
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 503 ")) << refusal;
  for (tcp::socket* client : {&idle, &half, &viewer, &waiting}) client->close();
  thread_.join();
}

TEST_F(WorkerTest, BreaksOffAViewerThatDoesNotReadWhenItStops) {
  start();
  published_ = std::size_t{64} << 20;
  tcp::socket viewer = ask(kStream);
  (void)read(viewer, "\r\n\r\n");
  worker_->drain(0ms);
  thread_.join();
}

TEST_F(WorkerTest, GoesWithoutEverRunning) {
  admission_.emplace(Admission::Limits{}, clock_);
  worker_.emplace(Worker::Options{}, *admission_, clock_, Log::silent());
  waker_ = worker_->make_waker(kChannel);
  waker_->wake();
  waker_.reset();
  worker_.reset();
}

}  // namespace
}  // namespace livestream::net
