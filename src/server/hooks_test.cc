#include "server/hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock_for_test.h"

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HooksTest : public testing::Test {
 protected:
  HooksTest() {
    entry_.settings.name = "a";
    HookSettings& hooks = entry_.settings.hooks;
    for (Hook* hook :
         {&hooks.source_up, &hooks.source_down, &hooks.first_viewer, &hooks.last_viewer})
      hook->command = {"x"};
    entry_.stream = std::make_shared<Stream>("a", "epoch");
  }

  // The events that one look tells.
  std::vector<std::string> look(SourceState state, std::size_t viewers = 0,
                                const std::string& error = {}) {
    calls_.clear();
    SourceStatus status;
    status.state = state;
    status.last_error = error;
    hooks_.look(entry_, status, viewers);
    return told();
  }
  std::vector<std::string> removed() {
    calls_.clear();
    hooks_.removed(entry_.stream->id());
    return told();
  }
  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> events;
    for (const HookCall& call : calls_) events.push_back(call.event);
    return events;
  }

  ManualClock clock_;
  StreamEntry entry_;
  std::vector<HookCall> calls_;
  Hooks hooks_{clock_, [this](HookCall call) { calls_.push_back(std::move(call)); }};
};

TEST_F(HooksTest, TellEachChangeOfTheSource) {
  EXPECT_THAT(look(SourceState::kStarting), IsEmpty());
  EXPECT_THAT(look(SourceState::kWaiting), IsEmpty()) << "it was never up";
  EXPECT_THAT(look(SourceState::kRunning, 0, "an old error"), ElementsAre("source_up"));
  EXPECT_EQ(calls_[0].stream, "a");
  EXPECT_EQ(calls_[0].error, "");
  EXPECT_EQ(calls_[0].at, clock_.wall_now());
  EXPECT_THAT(look(SourceState::kRunning), IsEmpty());
  EXPECT_THAT(look(SourceState::kStarting, 2, "gone"), ElementsAre("first_viewer", "source_down"));
  EXPECT_EQ(calls_[1].error, "gone");
  EXPECT_EQ(calls_[1].viewers, 2U);
  EXPECT_THAT(look(SourceState::kWaiting, 2), IsEmpty());
  EXPECT_THAT(look(SourceState::kRunning, 2), ElementsAre("source_up"));
}

TEST_F(HooksTest, ASourceThatIsOpenedForOtherSettingsIsNotDown) {
  EXPECT_THAT(look(SourceState::kRunning), ElementsAre("source_up"));
  EXPECT_THAT(look(SourceState::kStopped), IsEmpty());
  EXPECT_THAT(look(SourceState::kStarting), IsEmpty());
  EXPECT_THAT(look(SourceState::kRunning), IsEmpty());
  EXPECT_THAT(look(SourceState::kStarting), IsEmpty());
  EXPECT_THAT(look(SourceState::kStarting, 0, "gives nothing"), ElementsAre("source_down"));
}

TEST_F(HooksTest, TellTheFirstViewerAndTheLast) {
  EXPECT_THAT(look(SourceState::kRunning, 0), ElementsAre("source_up"));
  EXPECT_THAT(look(SourceState::kRunning, 3), ElementsAre("first_viewer"));
  EXPECT_EQ(calls_[0].viewers, 3U);
  EXPECT_THAT(look(SourceState::kRunning, 1), IsEmpty());
  EXPECT_THAT(look(SourceState::kRunning, 0), ElementsAre("last_viewer"));
  EXPECT_EQ(calls_[0].viewers, 0U);
}

TEST_F(HooksTest, ASourceOnDemandThatIsIdleIsNotDown) {
  entry_.settings.on_demand = true;
  EXPECT_THAT(look(SourceState::kStopped), IsEmpty());
  EXPECT_THAT(look(SourceState::kStarting, 1), ElementsAre("first_viewer"));
  EXPECT_THAT(look(SourceState::kRunning, 1), ElementsAre("source_up"));
  EXPECT_THAT(look(SourceState::kStopped), ElementsAre("last_viewer"));
  EXPECT_THAT(look(SourceState::kStarting, 0, "an old error"), IsEmpty());
  EXPECT_THAT(look(SourceState::kRunning), IsEmpty());
  EXPECT_THAT(look(SourceState::kWaiting), ElementsAre("source_down"));
  EXPECT_THAT(look(SourceState::kStopped), IsEmpty());
  EXPECT_THAT(look(SourceState::kRunning), ElementsAre("source_up"));
}

TEST_F(HooksTest, ARemovedStreamLosesItsSourceAndItsViewers) {
  EXPECT_THAT(removed(), IsEmpty());
  (void)look(SourceState::kRunning, 1);
  EXPECT_THAT(removed(), ElementsAre("source_down", "last_viewer"));
  EXPECT_THAT(removed(), IsEmpty());
}

TEST_F(HooksTest, RunAsTheSettingsAreNow) {
  entry_.settings.hooks.source_up = {};
  EXPECT_THAT(look(SourceState::kRunning), IsEmpty());
  entry_.settings.hooks.source_up.url = "http://a/";
  EXPECT_THAT(look(SourceState::kRunning), IsEmpty()) << "it is up already";
  entry_.settings.hooks.source_down.url = "http://b/";
  entry_.settings.hooks.timeout = std::chrono::seconds(3);
  EXPECT_THAT(look(SourceState::kWaiting), ElementsAre("source_down"));
  EXPECT_EQ(calls_[0].hook.url, "http://b/");
  EXPECT_EQ(calls_[0].timeout, std::chrono::seconds(3));
}

}  // namespace
}  // namespace livestream
