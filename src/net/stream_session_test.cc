#include "net/stream_session.h"

#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"
#include "net/scripted_body_for_test.h"
#include "net/socket_pair_for_test.h"

namespace livestream::net {
namespace {

const std::string kHead = "HEAD\r\n\r\n";

std::string chunk(std::string_view text) {
  return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}
std::string message(std::string_view text) {
  return websocket_frame(WebSocketOpcode::kBinary, text);
}
// A client's frame.
std::string masked(WebSocketOpcode opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80 | static_cast<int>(opcode)),
                    static_cast<char>(0x80 | payload.size()),
                    1,
                    2,
                    3,
                    4};
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame.push_back(static_cast<char>(payload[i] ^ "\1\2\3\4"[i % 4]));
  return frame;
}
std::string pong(std::string_view text) { return websocket_frame(WebSocketOpcode::kPong, text); }

class StreamSessionTest : public testing::Test {
 protected:
  void start(Framing framing, std::string received = {}) {
    session_ =
        std::make_shared<StreamSession>(StreamStart{.socket = pair_.take_server(),
                                                    .permit = permit(),
                                                    .framing = framing,
                                                    .head = kHead,
                                                    .body = std::make_unique<ScriptedBody>(script_),
                                                    .received = std::move(received)},
                                        delivery_);
    session_->start();
  }
  // Serves the viewer as a round does.
  void serve() {
    while (session_->offer() && session_->wrote(sends_.send()[0])) {
    }
  }
  void poll() {
    io_.restart();
    io_.poll();
  }
  // Reads until the session has no more to send.
  std::string read_all() {
    std::string text;
    for (;;) {
      const std::string more = pair_.received();
      if (more.empty()) return text;
      text += more;
      poll();
    }
  }
  ConnectionPermit permit() {
    ConnectionPermit permit(admission_, address_);
    (void)permit.begin_request();
    return permit;
  }
  // Whether the connection no longer counts.
  bool has_given_its_place_back() { return ConnectionPermit(admission_, address_).begin_request(); }

  const boost::asio::ip::address address_ = boost::asio::ip::make_address("192.0.2.1");
  // Larger than the socket's buffer.
  const std::string much_ = std::string(std::size_t{1} << 20, 'm');
  SetClock clock_;
  Admission admission_{{.connections_per_address = 1}, clock_};
  boost::asio::io_context io_{1};
  SendBatch sends_;
  StreamSession::Delivery delivery_{.clock = clock_, .sends = sends_};
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  SocketPair pair_{io_};
  std::shared_ptr<StreamSession> session_;
};

TEST_F(StreamSessionTest, SendsTheHeadWithTheFirstPartOfTheBody) {
  script_->parts = {"one"};
  start(Framing::kChunked);
  EXPECT_EQ(pair_.received(), kHead + chunk("one"));
}

TEST_F(StreamSessionTest, SendsAllThatIsThereAndThenWhatComes) {
  script_->parts = {"one", "two"};
  start(Framing::kIdentity);
  EXPECT_EQ(pair_.received(), kHead + "onetwo");
  script_->parts = {"three", "four"};
  serve();
  EXPECT_EQ(pair_.received(), "threefour");
  serve();
  EXPECT_EQ(pair_.received(), "");
}

TEST_F(StreamSessionTest, PullsNothingWhileTheSocketIsFull) {
  script_->parts = {much_, "next"};
  start(Framing::kChunked);
  EXPECT_EQ(session_->blocked_since(), clock_.now());
  const int pulls = script_->pulls;
  for (int round = 0; round < 5; ++round) serve();
  poll();
  EXPECT_EQ(script_->pulls, pulls);
  EXPECT_EQ(read_all(), kHead + chunk(much_) + chunk("next"));
  EXPECT_EQ(session_->blocked_since(), SteadyTime::max());
}

TEST_F(StreamSessionTest, SendsWhatARoundCouldNotSendToAFullSocketWithoutAnotherRound) {
  script_->parts = {much_};
  start(Framing::kIdentity);
  script_->parts = {"later"};
  serve();
  EXPECT_EQ(read_all(), kHead + much_ + "later");
}

TEST_F(StreamSessionTest, StaysInStepWithTheOthersWhenTheSocketWasFullBetweenTwoRounds) {
  script_->parts = {much_};
  start(Framing::kIdentity);
  script_->parts = {"later"};
  EXPECT_EQ(read_all(), kHead + much_);
  serve();
  EXPECT_EQ(pair_.received(), "later");
}

TEST_F(StreamSessionTest, GoesOnInTheMiddleOfAHead) {
  std::string filler(std::size_t{1} << 20, 'f');
  const ssize_t taken =
      ::send(pair_.server_descriptor(), filler.data(), filler.size(), MSG_DONTWAIT);
  ASSERT_GT(taken, 0);
  script_->parts = {"one"};
  start(Framing::kChunked);
  EXPECT_NE(session_->blocked_since(), SteadyTime::max());
  EXPECT_EQ(read_all().substr(static_cast<std::size_t>(taken)), kHead + chunk("one"));
}

TEST_F(StreamSessionTest, ClosesWhenTheViewerHasLeft) {
  script_->parts = {"one"};
  start(Framing::kChunked);
  pair_.hang_up();
  EXPECT_FALSE(session_->closed()) << "only a write notices";
  script_->parts = {"two"};
  serve();
  EXPECT_TRUE(session_->closed());
  EXPECT_TRUE(script_->destroyed);
}

TEST_F(StreamSessionTest, ClosesWhenTheViewerLeavesWithAFullSocket) {
  script_->parts = {much_};
  start(Framing::kChunked);
  pair_.hang_up();
  poll();
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, GivesItsConnectionBackWhenItGoes) {
  start(Framing::kChunked);
  EXPECT_FALSE(has_given_its_place_back());
  session_->close();
  session_.reset();
  poll();
  EXPECT_TRUE(has_given_its_place_back());
}

TEST_F(StreamSessionTest, EndsWithTheBody) {
  script_->parts = {"one"};
  script_->ends = true;
  start(Framing::kChunked);
  EXPECT_EQ(pair_.received(), kHead + chunk("one"));
  serve();
  EXPECT_EQ(pair_.received(), "0\r\n\r\n");
  EXPECT_TRUE(pair_.ended());
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, SendsTheHeadOfAnEmptyBody) {
  for (const Framing framing : {Framing::kIdentity, Framing::kChunked, Framing::kMessages}) {
    script_->ends = true;
    SocketPair pair(io_);
    const auto session = std::make_shared<StreamSession>(
        StreamStart{.socket = pair.take_server(),
                    .permit = permit(),
                    .framing = framing,
                    .head = kHead,
                    .body = std::make_unique<ScriptedBody>(script_)},
        delivery_);
    session->start();
    EXPECT_TRUE(pair.received().starts_with(kHead));
    EXPECT_TRUE(pair.ended());
    EXPECT_TRUE(session->closed());
  }
}

TEST_F(StreamSessionTest, SendsTheLastChunkWhenTheSocketWasFull) {
  script_->parts = {much_};
  start(Framing::kChunked);
  session_->end();
  EXPECT_FALSE(session_->closed());
  EXPECT_EQ(read_all(), kHead + chunk(much_) + "0\r\n\r\n");
  EXPECT_TRUE(pair_.ended());
  EXPECT_TRUE(session_->closed());
}

// Fills the socket with parts of `size` bytes, so that the last one just fits and the end of the
// response does not.
TEST_F(StreamSessionTest, SendsTheLastChunkWhenOnlyThatDoesNotFit) {
  start(Framing::kChunked);
  std::string expected;
  while (session_->blocked_since() == SteadyTime::max()) {
    script_->parts = {"x"};
    serve();
    expected += chunk("x");
  }
  session_->end();
  EXPECT_EQ(read_all(), kHead + expected + "0\r\n\r\n");
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, EndsAtOnceWithoutABatchUnderWay) {
  script_->parts = {"one"};
  start(Framing::kChunked);
  script_->parts = {"not any more"};
  session_->end();
  EXPECT_EQ(pair_.received(), kHead + chunk("one") + "0\r\n\r\n");
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, ReadsWhatTheClientSentBeforeItClosesSoThatTheEndArrives) {
  start(Framing::kChunked);
  pair_.send("bytes of a request that is not read");
  session_->end();
  EXPECT_EQ(pair_.received(), kHead + "0\r\n\r\n");
}

TEST_F(StreamSessionTest, SendsAMessageForEachPart) {
  script_->parts = {"one", "two"};
  start(Framing::kMessages);
  EXPECT_EQ(pair_.received(), kHead + message("one") + message("two"));
}

TEST_F(StreamSessionTest, AnswersAPing) {
  start(Framing::kMessages);
  poll();
  pair_.send(masked(WebSocketOpcode::kPing, "a"));
  poll();
  EXPECT_TRUE(pair_.received().ends_with(pong("a")));
}

TEST_F(StreamSessionTest, AnswersAPingBetweenTwoMessages) {
  script_->parts = {much_, "next"};
  start(Framing::kMessages);
  pair_.send(masked(WebSocketOpcode::kPing, "a") + masked(WebSocketOpcode::kPing, "b"));
  poll();
  EXPECT_EQ(read_all(), kHead + message(much_) + pong("a") + pong("b") + message("next"));
}

TEST_F(StreamSessionTest, AnswersWhatCameWithTheUpgrade) {
  const std::string ping = masked(WebSocketOpcode::kPing, "early");
  for (std::size_t split = 0; split <= ping.size(); ++split) {
    SocketPair pair(io_);
    const auto session =
        std::make_shared<StreamSession>(StreamStart{.socket = pair.take_server(),
                                                    .permit = permit(),
                                                    .framing = Framing::kMessages,
                                                    .head = kHead,
                                                    .body = std::make_unique<ScriptedBody>(script_),
                                                    .received = ping.substr(0, split)},
                                        delivery_);
    session->start();
    pair.send(ping.substr(split));
    poll();
    EXPECT_EQ(pair.received(), kHead + pong("early")) << split;
    session->close();
    poll();
  }
}

TEST_F(StreamSessionTest, ClosesAfterACloseThatCameWithTheUpgrade) {
  script_->parts = {"one"};
  start(Framing::kMessages, masked(WebSocketOpcode::kClose, "\x03\xe8"));
  EXPECT_EQ(pair_.received(), kHead + websocket_close(1000));
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, AnswersACloseOnce) {
  start(Framing::kMessages);
  pair_.send(masked(WebSocketOpcode::kClose, "\x03\xe8"));
  poll();
  EXPECT_TRUE(session_->closed());
  session_->end();
  EXPECT_TRUE(read_all().ends_with(websocket_close(1000)));
}

TEST_F(StreamSessionTest, SaysGoingAwayWhenTheServerStops) {
  script_->parts = {much_};
  start(Framing::kMessages);
  session_->end();
  session_->end();
  EXPECT_EQ(read_all(), kHead + message(much_) + websocket_close(1001));
  EXPECT_TRUE(pair_.ended());
}

TEST_F(StreamSessionTest, SaysNormalClosureWhenTheBodyEnds) {
  script_->parts = {"one"};
  script_->ends = true;
  start(Framing::kMessages);
  serve();
  EXPECT_EQ(pair_.received(), kHead + message("one") + websocket_close(1000));
}

TEST_F(StreamSessionTest, ClosesAClientThatPingsButDoesNotRead) {
  script_->parts = {much_};
  start(Framing::kMessages);
  const std::string ping = masked(WebSocketOpcode::kPing, std::string(125, 'p'));
  for (int i = 0; i < 100 && !session_->closed(); ++i) {
    pair_.send(ping);
    poll();
  }
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, ClosesAClientThatAskedForTooMuchWithTheUpgrade) {
  std::string pings;
  for (int i = 0; i < 100; ++i) pings += masked(WebSocketOpcode::kPing, std::string(125, 'p'));
  start(Framing::kMessages, pings);
  EXPECT_TRUE(session_->closed());
}

TEST_F(StreamSessionTest, NoticesAWebSocketClientThatLeavesWithoutAWrite) {
  start(Framing::kMessages);
  pair_.hang_up();
  poll();
  EXPECT_TRUE(session_->closed());
}

}  // namespace
}  // namespace livestream::net
