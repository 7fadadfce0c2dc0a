#include "net/http1_session.h"

#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"
#include "net/scripted_body_for_test.h"
#include "net/socket_pair_for_test.h"

namespace livestream::net {
namespace {

using namespace std::chrono_literals;

constexpr http::Channel kChannel = 7;

// The answer of "/later": known when the test says so, or at the deadline.
struct Later {
  bool known = false;
  SteadyTime deadline{};
};

class LaterResponse final : public http::PendingResponse {
 public:
  explicit LaterResponse(Later& later) : later_(later) {}
  http::Answer poll(SteadyTime now) override {
    if (later_.known) return http::text_response(200, "known");
    if (now >= later_.deadline) return http::text_response(503, "not known");
    return std::unique_ptr<http::PendingResponse>();
  }
  [[nodiscard]] http::Channel channel() const override { return kChannel; }
  [[nodiscard]] SteadyTime deadline() const override { return later_.deadline; }

 private:
  Later& later_;
};

class Http1SessionTest : public testing::Test {
 protected:
  // Answers "/stream" with a stream, "/later" later, and other paths with the path and the body.
  class TestHandler final : public http::Handler {
   public:
    explicit TestHandler(Http1SessionTest& test) : test_(test) {}
    http::Answer handle(const http::Request& request) override {
      if (request.path == "/stream") {
        return http::StreamingResponse{
            .head = {.status = 200, .headers = {{"Content-Type", "video/mp4"}}},
            .channel = kChannel,
            .body = std::make_unique<ScriptedBody>(std::make_shared<Script>()),
            .greeting = "{}"};
      }
      if (request.path == "/later") return std::make_unique<LaterResponse>(test_.later_);
      return http::text_response(200, request.path + request.body);
    }

   private:
    Http1SessionTest& test_;
  };

  Http1SessionTest() {
    later_.deadline = clock_.now() + 1h;
    exchange_.set_handler(std::make_unique<TestHandler>(*this));
  }
  ~Http1SessionTest() override {
    for (Http1Session* session : std::set(sessions_)) session->close();
    waiters_.clear();
    poll();
    EXPECT_TRUE(sessions_.empty());
  }

  // Begins a session, after `text` has come.
  void begin(std::string_view text) {
    pair_.send(text);
    begin(pair_.take_server(), {admission_, address_});
    poll();
  }
  void begin(Socket socket, ConnectionPermit permit) {
    (void)permit.begin_request();
    const auto session =
        std::make_shared<Http1Session>(std::move(socket), std::move(permit), context_);
    sessions_.insert(session.get());
    session->start();
  }
  // Begins the next session of a kept connection.
  void next(std::string_view text) {
    ASSERT_TRUE(idle_);
    pair_.send(text);
    Socket socket = std::move(*idle_);
    idle_.reset();
    begin(std::move(socket), std::move(*permit_));
    poll();
  }
  void send(std::string_view text) {
    pair_.send(text);
    poll();
  }
  void poll() {
    io_.restart();
    io_.poll();
  }
  void check_deadlines() {
    for (Http1Session* session : std::set(sessions_)) session->check_deadline(clock_.now());
    poll();
  }
  void wake_waiters() {
    std::erase_if(waiters_, [](const auto& poll) { return poll(); });
    poll();
  }
  // Whether the connection no longer counts.
  bool has_given_its_place_back() { return ConnectionPermit(admission_, address_).begin_request(); }
  // The bodies and status codes of the answers that came.
  std::string received() { return pair_.received(); }
  static std::size_t answers(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("HTTP/1.1 ", at)) != text.npos; ++at) ++count;
    return count;
  }
  static bool has(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
  }

  const boost::asio::ip::address address_ = boost::asio::ip::make_address("192.0.2.1");
  SetClock clock_;
  Admission admission_{{.connections_per_address = 1, .requests_per_second_per_address = 100},
                       clock_};
  boost::asio::io_context io_{1};
  SocketPair pair_{io_};
  Later later_;
  Exchange exchange_{clock_};
  std::set<Http1Session*> sessions_;
  std::optional<Socket> idle_;
  std::optional<ConnectionPermit> permit_;
  std::optional<StreamStart> stream_;
  std::vector<std::function<bool()>> waiters_;
  Http1Session::Context context_{
      .exchange = exchange_,
      .on_idle =
          [this](Socket socket, ConnectionPermit permit) {
            idle_.emplace(std::move(socket));
            permit_.emplace(std::move(permit));
          },
      .on_stream =
          [this](http::Channel channel, StreamStart start) {
            EXPECT_EQ(channel, kChannel);
            stream_.emplace(std::move(start));
          },
      .on_pending =
          [this](http::Channel channel, std::function<bool()> poll) {
            EXPECT_EQ(channel, kChannel);
            waiters_.push_back(std::move(poll));
          },
      .on_gone = [this](Http1Session* session) { sessions_.erase(session); }};
};

TEST_F(Http1SessionTest, AnswersAndLetsTheConnectionWait) {
  begin("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = received();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n/a\n"));
  EXPECT_TRUE(has(answer, "Content-Length: 3\r\n"));
  EXPECT_TRUE(has(answer, "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"));
  EXPECT_TRUE(idle_);
  EXPECT_TRUE(sessions_.empty());
  EXPECT_FALSE(has_given_its_place_back()) << "the connection is still there";
}

TEST_F(Http1SessionTest, ReadsARequestInAnySlices) {
  const std::string request = "\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t split = 1; split < request.size(); ++split) {
    pair_.send(request.substr(0, split));
    if (idle_) {
      next("");
    } else {
      begin("");
    }
    EXPECT_EQ(received(), "") << split;
    send(request.substr(split));
    EXPECT_TRUE(received().ends_with("\r\n\r\n/bbody\n")) << split;
  }
}

TEST_F(Http1SessionTest, AnswersPipelinedRequestsInTheirOrder) {
  std::string requests;
  for (int i = 0; i < 20; ++i)
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  begin(requests + "GET /half HTTP/1.1\r\nHo");
  std::string text = received();
  EXPECT_EQ(answers(text), 20u);
  std::size_t at = 0;
  for (int i = 0; i < 20; ++i) {
    at = text.find("\r\n\r\n/" + std::to_string(i) + "\n", at);
    ASSERT_NE(at, text.npos) << i;
  }
  EXPECT_FALSE(idle_);
  send("st: x\r\n\r\n");
  EXPECT_TRUE(received().ends_with("/half\n"));
  EXPECT_TRUE(idle_);
}

TEST_F(Http1SessionTest, ClosesWhenTheClientAsksForIt) {
  begin(
      "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = received();
  EXPECT_EQ(answers(text), 1u);
  EXPECT_TRUE(has(text, "Connection: close\r\n"));
  EXPECT_TRUE(pair_.ended());
  EXPECT_FALSE(idle_);
}

TEST_F(Http1SessionTest, LingersUntilTheClientClosesOrItsTimeIsOver) {
  begin("nonsense\r\n\r\n");
  EXPECT_TRUE(received().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(sessions_.size(), 1u);
  send("more than was asked for");
  EXPECT_EQ(sessions_.size(), 1u);
  clock_.advance(2s);
  check_deadlines();
  EXPECT_TRUE(sessions_.empty());
  EXPECT_TRUE(has_given_its_place_back());
}

TEST_F(Http1SessionTest, SpeaksHttp10) {
  begin("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(has(received(), "Connection: close\r\n"));
  EXPECT_TRUE(pair_.ended());
}

TEST_F(Http1SessionTest, LeavesTheBodyOutForHead) {
  begin("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = received();
  EXPECT_TRUE(has(text, "Content-Length: 3\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST_F(Http1SessionTest, AsksForABodyThatTheClientHolds) {
  begin("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(), "HTTP/1.1 100 Continue\r\n\r\n");
  send("hi");
  EXPECT_TRUE(received().ends_with("/ahi\n"));
}

TEST_F(Http1SessionTest, RefusesWhatItCannotRead) {
  const std::pair<std::string, const char*> kinds[] = {
      {"GET /a HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
      {"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17000, 'a') + "\r\n\r\n", "431"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", "413"},
      {"GET / HTTP/1.1\r\n\r\n", "400"}};
  for (const auto& [request, status] : kinds) {
    SocketPair pair(io_);
    begin(pair.take_server(), {admission_, address_});
    pair.send(request);
    poll();
    EXPECT_TRUE(pair.received().starts_with(std::string("HTTP/1.1 ") + status)) << status;
    EXPECT_TRUE(pair.ended()) << status;
  }
}

TEST_F(Http1SessionTest, GoesWithAClientThatLeaves) {
  begin("GET /a HT");
  EXPECT_EQ(sessions_.size(), 1u);
  pair_.hang_up();
  poll();
  EXPECT_TRUE(sessions_.empty());
}

TEST_F(Http1SessionTest, EndsARequestThatTakesTooLong) {
  begin("GET /a HTTP/1.1\r\nHo");
  clock_.advance(10s - 1ms);
  check_deadlines();
  EXPECT_EQ(received(), "");
  clock_.advance(1ms);
  check_deadlines();
  EXPECT_TRUE(received().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(pair_.ended());
}

TEST_F(Http1SessionTest, EndsABodyThatTakesTooLong) {
  begin("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  clock_.advance(10s);
  check_deadlines();
  EXPECT_TRUE(received().starts_with("HTTP/1.1 408 "));
}

TEST_F(Http1SessionTest, EachRequestOfAConnectionHasItsOwnTime) {
  begin("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HT");
  clock_.advance(9s);
  send("TP/1.1\r\nHost: x\r\n\r\nGET /c HT");
  clock_.advance(9s);
  check_deadlines();
  EXPECT_FALSE(has(received(), "408"));
  clock_.advance(1s);
  check_deadlines();
  EXPECT_TRUE(has(received(), "408"));
}

// The deadline passes when the bytes of a body have been read and their handler has not run yet, so
// that it is too late to cancel the read.
class Http1SessionAtItsDeadline : public Http1SessionTest {
 protected:
  static constexpr std::size_t kBodySize = 3000;

  // `text` follows the first bytes of the body.
  void begin_and_pass_the_deadline(std::string_view text) {
    pair_.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kBodySize) +
               "\r\n\r\n" + std::string(kBodySize - 3, 'b'));
    pair_.send(text);
    begin(pair_.take_server(), {admission_, address_});
    clock_.advance(10s);
    check_deadlines();
  }
};

TEST_F(Http1SessionAtItsDeadline, TheNextRequestIsNotRefusedForThePreviousOne) {
  begin_and_pass_the_deadline("endGET /b HTT");
  send("P/1.1\r\nHost: x\r\n\r\n");
  const std::string text = received();
  EXPECT_FALSE(has(text, "HTTP/1.1 408"));
  EXPECT_EQ(answers(text), 2u);
  EXPECT_TRUE(idle_);
}

TEST_F(Http1SessionAtItsDeadline, ABodyThatIsStillIncompleteEndsAtTheNextCheck) {
  begin_and_pass_the_deadline("en");
  EXPECT_EQ(received(), "");
  check_deadlines();
  EXPECT_TRUE(received().starts_with("HTTP/1.1 408 "));
}

TEST_F(Http1SessionTest, ClosesAConnectionThatIgnoresTheLimit) {
  std::string requests;
  for (int i = 0; i < 15; ++i) requests += "FOO / HTTP/1.1\r\nHost: x\r\n\r\n";
  begin(requests);
  std::string text = received();
  for (int i = 0; i < 100 && idle_; ++i) {
    next(requests);
    text += received();
  }
  EXPECT_EQ(answers(text), 200u + ConnectionPermit::kRefusalsInARow);
  EXPECT_TRUE(has(text, "HTTP/1.1 429 "));
  EXPECT_TRUE(pair_.ended());
}

TEST_F(Http1SessionTest, ClosesAClientThatDoesNotReadItsAnswers) {
  pair_.use_small_buffer();
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  begin(requests);
  for (int i = 0; i < 20 && idle_; ++i) next(requests);
  ASSERT_EQ(sessions_.size(), 1u) << "the socket is full";
  clock_.advance(30s);
  check_deadlines();
  EXPECT_TRUE(sessions_.empty());
}

TEST_F(Http1SessionTest, HandsAStreamOver) {
  begin("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(stream_);
  EXPECT_EQ(stream_->framing, Framing::kChunked);
  EXPECT_TRUE(stream_->head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"));
  EXPECT_TRUE(stream_->head.ends_with("Transfer-Encoding: chunked\r\n\r\n"));
  EXPECT_TRUE(sessions_.empty());
  EXPECT_EQ(received(), "") << "the head goes out with the body";
}

TEST_F(Http1SessionTest, HandsAStreamOverInHttp10) {
  begin("GET /stream HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(stream_);
  EXPECT_EQ(stream_->framing, Framing::kIdentity);
  EXPECT_TRUE(has(stream_->head, "Connection: close\r\n"));
}

TEST_F(Http1SessionTest, HandsAWebSocketOverWithTheBytesThatCameBehindTheUpgrade) {
  begin(
      "GET /stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nframes");
  ASSERT_TRUE(stream_);
  EXPECT_EQ(stream_->framing, Framing::kMessages);
  EXPECT_TRUE(stream_->head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_TRUE(has(stream_->head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_TRUE(stream_->head.ends_with(websocket_frame(WebSocketOpcode::kText, "{}")));
  EXPECT_EQ(stream_->received, "frames");
}

TEST_F(Http1SessionTest, AnswersARefusedUpgradeAsHttp) {
  begin(
      "GET /a HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(received().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Http1SessionTest, AnswersWhenItIsKnown) {
  begin("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  wake_waiters();
  EXPECT_EQ(received(), "");
  later_.known = true;
  wake_waiters();
  EXPECT_TRUE(received().ends_with("known\n"));
  EXPECT_TRUE(idle_);
}

TEST_F(Http1SessionTest, AnswersAtTheDeadlineOnce) {
  later_.deadline = clock_.now() + 3s;
  begin("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  clock_.advance(3s);
  check_deadlines();
  later_.known = true;
  wake_waiters();
  const std::string text = received();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(answers(text), 1u);
  EXPECT_TRUE(waiters_.empty());
}

TEST_F(Http1SessionTest, DrainsAtOnceWhileARequestIsIncomplete) {
  begin("GET /a HT");
  context_.draining = true;
  for (Http1Session* session : std::set(sessions_)) session->drain();
  poll();
  EXPECT_TRUE(sessions_.empty());
  EXPECT_EQ(received(), "");
}

TEST_F(Http1SessionTest, DrainsAWaitingAnswerInWords) {
  begin("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  context_.draining = true;
  for (Http1Session* session : std::set(sessions_)) session->drain();
  poll();
  const std::string text = received();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(has(text, "the server is stopping"));
  EXPECT_TRUE(pair_.ended());
}

TEST_F(Http1SessionTest, ClosesAfterAnAnswerWhileDraining) {
  context_.draining = true;
  begin("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = received();
  EXPECT_EQ(answers(text), 1u);
  EXPECT_TRUE(has(text, "Connection: close\r\n"));
  EXPECT_TRUE(pair_.ended());
}

}  // namespace
}  // namespace livestream::net
