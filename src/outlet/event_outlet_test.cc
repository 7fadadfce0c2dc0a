#include "outlet/event_outlet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"

namespace livestream {
namespace {

using testing::HasSubstr;
using testing::Not;

class EventOutletTest : public testing::Test {
 protected:
  EventOutletTest() {
    events_.set_wake([this] { ++wakes_; });
  }
  static StreamTable::Entry entry(const std::string& name) {
    StreamSettings settings;
    settings.name = name;
    return std::make_shared<StreamEntry>(
        StreamEntry{std::move(settings), std::make_shared<Stream>(name, "e"), nullptr, true});
  }
  std::unique_ptr<http::BodySource> hear(const std::string& query = "",
                                         std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = "GET";
    request.path = "/events";
    request.query = query;
    request.headers = std::move(headers);
    http::Answer answer = listen(request, table_, events_, clock_);
    auto& response = std::get<http::StreamingResponse>(answer);
    EXPECT_EQ(response.channel, 9U);
    return std::move(response.body);
  }
  // Empty: nothing to send.
  static std::string pull(http::BodySource& body) {
    const http::Pull next = body.pull();
    std::string text;
    if (next.state != http::Pull::State::kBytes) return text;
    for (const SharedBytes& block : next.blocks->blocks())
      text.append(reinterpret_cast<const char*>(block.data()), block.size());
    return text;
  }

  SetClock clock_;
  int wakes_ = 0;
  EventLog events_{9};
  StreamTable table_{{entry("a"), entry("b")}};
};

TEST_F(EventOutletTest, BeginsWithTheStateOfEachStreamAndGoesOnWithWhatHappens) {
  events_.publish("viewers", "a", "before");
  const auto body = hear();
  const std::string first = pull(*body);
  EXPECT_THAT(first, HasSubstr("event: state\ndata: {\"stream\":\"a\",\"state\":\"starting\""));
  EXPECT_THAT(first, HasSubstr("\"stream\":\"b\""));
  EXPECT_THAT(first, Not(HasSubstr("before")));
  EXPECT_EQ(pull(*body), "");
  events_.publish("viewers", "a", "{}");
  EXPECT_EQ(wakes_, 2);
  EXPECT_EQ(pull(*body), "id: 2\nevent: viewers\ndata: {}\n\n");
  EXPECT_EQ(pull(*body), "");
}

TEST_F(EventOutletTest, TellsOfTheChosenStreamsAlone) {
  const auto body = hear("streams=b,,c");
  EXPECT_THAT(pull(*body), Not(HasSubstr("\"a\"")));
  events_.publish("viewers", "a", "{}");
  EXPECT_EQ(pull(*body), "");
  events_.publish("viewers", "c", "{}");
  EXPECT_THAT(pull(*body), HasSubstr("id: 2\n"));
}

TEST_F(EventOutletTest, GoesOnBehindTheEventThatTheClientHeardLast) {
  for (const char* data : {"1", "2", "3"}) events_.publish("viewers", "a", data);
  EXPECT_EQ(pull(*hear("", {{"Last-Event-ID", "1"}})),
            "id: 2\nevent: viewers\ndata: 2\n\nid: 3\nevent: viewers\ndata: 3\n\n");
  EXPECT_EQ(pull(*hear("", {{"Last-Event-ID", "3"}})), ": \n\n") << "nothing was missed";
  for (const char* wrong : {"4", "x", "1x", "-1"})
    EXPECT_THAT(pull(*hear("", {{"Last-Event-ID", wrong}})), HasSubstr("event: state")) << wrong;
}

TEST_F(EventOutletTest, StartsAnewWhereTheEventIsNotKeptAnyMore) {
  for (std::size_t i = 0; i < EventLog::kKept + 2; ++i) events_.publish("viewers", "a", "{}");
  EXPECT_EQ(events_.after(0).size(), EventLog::kKept);
  EXPECT_THAT(pull(*hear("", {{"Last-Event-ID", "1"}})), HasSubstr("event: state"));
}

TEST_F(EventOutletTest, SaysSomethingEveryFifteenSeconds) {
  const auto body = hear();
  (void)pull(*body);
  clock_.advance(std::chrono::milliseconds(14'999));
  EXPECT_EQ(pull(*body), "");
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(pull(*body), ": \n\n");
  EXPECT_EQ(pull(*body), "");
}

}  // namespace
}  // namespace livestream
