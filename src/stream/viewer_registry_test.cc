#include "stream/viewer_registry.h"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ViewerRegistryTest : public testing::Test {
 protected:
  using Joined = Result<std::shared_ptr<Viewer>>;

  static Joined join(ViewerRegistry& registry, std::string from) {
    return registry.join(stream(), std::move(from), "agent", {}, {});
  }
  // Of `count` clients at one address those that get a place.
  static std::vector<std::shared_ptr<Viewer>> crowd(ViewerRegistry& registry,
                                                    const std::string& address, int count) {
    std::vector<std::shared_ptr<Viewer>> served;
    for (int i = 0; i < count; ++i) {
      if (Joined joined = join(registry, address + ":" + std::to_string(50000 + i)))
        served.push_back(std::move(*joined));
    }
    return served;
  }
  static std::shared_ptr<const Stream> stream() {
    static const auto one = std::make_shared<const Stream>("default", "e");
    return one;
  }
};

TEST_F(ViewerRegistryTest, GivesOutAsManyPlacesAsThereAre) {
  ViewerRegistry registry({.viewers = 2});
  const auto first = join(registry, "192.0.2.1:1");
  auto second = join(registry, "192.0.2.2:1");
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_NE((*first)->id, (*second)->id);
  EXPECT_EQ(registry.present(), 2u);
  const auto third = join(registry, "192.0.2.3:1");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "server full: all 2 places are taken (MAX_CLIENTS)");
  second->reset();
  EXPECT_TRUE(join(registry, "192.0.2.3:1"));
  EXPECT_EQ(registry.totals().refused, 1u);
  EXPECT_EQ(registry.totals().viewers, 3u);
  EXPECT_EQ(registry.present(), 1u);
}

TEST_F(ViewerRegistryTest, KeepsTheLastQuarterForAddressesThatHoldFew) {
  ViewerRegistry registry({.viewers = 100, .fair_per_address = 8});
  const auto many = crowd(registry, "192.0.2.1", 100);
  EXPECT_EQ(many.size(), 75u);
  const auto refused = join(registry, "192.0.2.1:1");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, StartsWith("server full for this address: it holds 75"));
  EXPECT_THAT(refused.error().message, HasSubstr("FAIR_CLIENTS_PER_ADDRESS"));
  const auto second = crowd(registry, "192.0.2.2", 20);
  EXPECT_EQ(second.size(), 8u);
  const auto third = crowd(registry, "192.0.2.3", 20);
  EXPECT_EQ(third.size(), 8u);
  const auto fourth = crowd(registry, "192.0.2.4", 20);
  EXPECT_EQ(fourth.size(), 8u);
  const auto last = crowd(registry, "192.0.2.5", 20);
  EXPECT_EQ(last.size(), 1u);
  EXPECT_THAT(join(registry, "192.0.2.6:1").error().message, HasSubstr("MAX_CLIENTS"));
}

TEST_F(ViewerRegistryTest, LetsAClassroomInWhileThereIsRoom) {
  ViewerRegistry registry({.viewers = 100, .fair_per_address = 8});
  const auto others = crowd(registry, "192.0.2.2", 40);
  EXPECT_EQ(crowd(registry, "192.0.2.1", 30).size(), 30u);
}

TEST_F(ViewerRegistryTest, CountsAnIpv6NetworkAsOneAddressAndBothFormsOfIpv4AsOne) {
  ViewerRegistry registry({.viewers = 12, .fair_per_address = 2});
  const auto many = crowd(registry, "[2001:db8::1]", 12);
  ASSERT_EQ(many.size(), 9u);
  EXPECT_FALSE(join(registry, "[2001:db8::ffff:2]:1")) << "the same /64";
  EXPECT_TRUE(join(registry, "[2001:db8:0:1::1]:1")) << "another /64";
  const auto first = join(registry, "192.0.2.1:1");
  auto second = join(registry, "[::ffff:192.0.2.1]:0");
  ASSERT_TRUE(second);
  EXPECT_FALSE(join(registry, "192.0.2.1:2"));
  second->reset();
  EXPECT_TRUE(join(registry, "192.0.2.1:2")) << "a place that was given back does not count";
}

TEST_F(ViewerRegistryTest, CountsTheClientsOfATrustedProxyOneByOne) {
  ViewerRegistry registry({.viewers = 4, .fair_per_address = 1});
  std::vector<std::shared_ptr<Viewer>> served;
  for (const char* address : {"198.51.100.1:0", "198.51.100.2:0", "198.51.100.3:0"})
    served.push_back(join(registry, address).value());
  EXPECT_FALSE(join(registry, "198.51.100.1:0"));
  EXPECT_TRUE(join(registry, "198.51.100.4:0"));
}

TEST_F(ViewerRegistryTest, ServesWhoeverComesFirstWithoutShares) {
  ViewerRegistry registry({.viewers = 20, .fair_per_address = 0});
  EXPECT_EQ(crowd(registry, "192.0.2.1", 30).size(), 20u);
}

TEST_F(ViewerRegistryTest, KeepsNoPlaceWhereThereAreFewerThanFour) {
  ViewerRegistry registry({.viewers = 3, .fair_per_address = 1});
  EXPECT_EQ(crowd(registry, "192.0.2.1", 5).size(), 3u);
}

TEST_F(ViewerRegistryTest, GivesIdsThatCannotBeGuessedAndThatJavaScriptHolds) {
  std::set<std::uint64_t> ids;
  std::uint64_t all_bits = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t id = ViewerRegistry::random_id();
    EXPECT_LT(id, std::uint64_t{1} << 53);
    ids.insert(id);
    all_bits |= id;
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(all_bits, (std::uint64_t{1} << 53) - 1) << "every bit is used";
}

TEST_F(ViewerRegistryTest, GivesNoIdTwice) {
  std::vector<std::uint64_t> drawn = {0, 7, 7, 0, 7, 8};
  ViewerRegistry registry({.viewers = 4}, [&drawn] {
    const std::uint64_t id = drawn.front();
    drawn.erase(drawn.begin());
    return id;
  });
  const auto first = join(registry, "192.0.2.1:1");
  const auto second = join(registry, "192.0.2.1:2");
  EXPECT_EQ((*first)->id, 7u);
  EXPECT_EQ((*second)->id, 8u);
}

TEST_F(ViewerRegistryTest, CountsThoseWhoHaveLeftToo) {
  ViewerRegistry registry({.viewers = 2});
  {
    const auto gone = join(registry, "192.0.2.1:1");
    Viewer::add((*gone)->bytes_sent, 100);
    Viewer::add((*gone)->fragments_skipped, 7);
  }
  const auto here = join(registry, "192.0.2.2:1");
  Viewer::add((*here)->bytes_sent, 11);
  EXPECT_EQ(registry.totals().bytes_sent, 111u);
  EXPECT_EQ(registry.totals().fragments_skipped, 7u);
  ASSERT_EQ(registry.viewers().size(), 1u);
  EXPECT_EQ(registry.viewers().front()->user_agent, "agent");
}

TEST_F(ViewerRegistryTest, CountsEachStreamByItselfToo) {
  const auto one = std::make_shared<Stream>("default", "e1");
  const auto other = std::make_shared<Stream>("demo", "e2");
  ViewerRegistry registry({.viewers = 2});
  {
    const auto gone = registry.join(one, "192.0.2.1:1", "", {}, {});
    Viewer::add((*gone)->fragments_sent, 3);
  }
  const auto here = registry.join(other, "192.0.2.1:1", "", {}, {});
  const auto there = registry.join(one, "192.0.2.1:1", "", {}, {});
  EXPECT_FALSE(registry.join(other, "192.0.2.1:1", "", {}, {})) << "the places are shared";
  Viewer::add((*here)->fragments_sent, 10);
  Viewer::add((*there)->fragments_sent, 4);
  EXPECT_EQ(registry.totals().fragments_sent, 17u);
  EXPECT_EQ(registry.totals(*one).fragments_sent, 7u);
  EXPECT_EQ(registry.totals(*one).viewers, 2u);
  EXPECT_EQ(registry.totals(*other).fragments_sent, 10u);
  EXPECT_EQ(registry.totals(*other).refused, 1u);
}

TEST_F(ViewerRegistryTest, CountsAllStreamsAtOnce) {
  const auto one = std::make_shared<Stream>("one", "e1");
  const auto other = std::make_shared<Stream>("other", "e2");
  ViewerRegistry registry({.viewers = 2});
  Viewer::add(registry.join(one, "192.0.2.1:1", "", {}, {}).value()->fragments_sent, 3);
  const auto here = registry.join(one, "192.0.2.1:1", "", {}, {}).value();
  Viewer::add(here->fragments_sent, 4);
  const auto there = registry.join(other, "192.0.2.1:1", "", {}, {}).value();
  Viewer::add(there->fragments_sent, 10);
  auto totals = registry.totals_by_stream();
  EXPECT_EQ(totals[one->id()].fragments_sent, 7u);
  EXPECT_EQ(totals[one->id()].viewers, 2u);
  EXPECT_EQ(totals[other->id()].fragments_sent, 10u);
  EXPECT_EQ(totals.size(), 2u);
}

TEST_F(ViewerRegistryTest, CountsHowLongClientsWaited) {
  using Times = ViewerRegistry::JoinTimes;
  using std::chrono::milliseconds;
  const auto one = std::make_shared<Stream>("one", "e1");
  ViewerRegistry registry({.viewers = 1});
  for (const int ms : {0, 5, 6, 1000, 10000, 10001})
    ASSERT_TRUE(registry.join(one, "192.0.2.1:1", "", {}, {}, milliseconds(ms)));
  const auto present = registry.join(one, "192.0.2.1:1", "", {}, {}, milliseconds(1)).value();
  ASSERT_FALSE(registry.join(one, "192.0.2.1:1", "", {}, {}, milliseconds(1)));
  const Times times = registry.join_times(*one);
  EXPECT_THAT(times.joins, testing::ElementsAre(3, 1, 0, 0, 0, 0, 1, 0, 1, 1));
  EXPECT_EQ(times.sum, milliseconds(21013));
  EXPECT_EQ(registry.join_times(*stream()).sum, milliseconds(0));
  registry.forget(*one);
  EXPECT_EQ(registry.join_times(*one).sum, milliseconds(0));
}

TEST_F(ViewerRegistryTest, CountsTheViewersOfARemovedStreamForAllStreamsAlone) {
  const auto removed = std::make_shared<Stream>("default", "e1");
  ViewerRegistry registry({.viewers = 2});
  auto early = registry.join(removed, "192.0.2.1:1", "", {}, {}).value();
  auto late = registry.join(removed, "192.0.2.1:1", "", {}, {}).value();
  Viewer::add(early->fragments_sent, 3);
  Viewer::add(late->fragments_sent, 4);
  early.reset();
  removed->close();
  registry.forget(*removed);
  late.reset();
  EXPECT_EQ(registry.totals().fragments_sent, 7u);
  EXPECT_EQ(registry.totals().viewers, 2u);
  EXPECT_EQ(registry.totals(*removed).fragments_sent, 0u);
}

// A viewer that is just leaving counts either as present or as departed, because a counter that
// goes back looks like a restart of the server.
TEST_F(ViewerRegistryTest, CountsAViewerThatIsLeaving) {
  std::shared_ptr<Viewer> leaving;
  std::thread leaver;
  std::uint64_t last_id = 0;
  // The registry is locked while it asks for an id, so that the viewer cannot have left yet.
  ViewerRegistry registry({.viewers = 10, .fair_per_address = 0}, [&] {
    if (leaving) {
      const std::weak_ptr<Viewer> watched = leaving;
      leaver = std::thread([&] { leaving.reset(); });
      while (!watched.expired()) std::this_thread::yield();
    }
    return ++last_id;
  });
  for (std::uint64_t i = 1; i <= 100; ++i) {
    leaving = join(registry, "192.0.2.1:1").value();
    Viewer::add(leaving->bytes_sent, 1000);
    const Joined next = join(registry, "192.0.2.1:1");
    EXPECT_EQ(registry.totals().bytes_sent, i * 1000);
    EXPECT_EQ(registry.totals(*stream()).bytes_sent, i * 1000);
    leaver.join();
  }
}

TEST_F(ViewerRegistryTest, KeepsTheReportOfAPresentViewerOnly) {
  ViewerRegistry registry({.viewers = 2});
  auto viewer = join(registry, "192.0.2.1:1");
  const std::uint64_t id = (*viewer)->id;
  EXPECT_FALSE(registry.report(id ^ 1, {.stalls = 1}));
  EXPECT_FALSE(registry.player_report(id));
  EXPECT_TRUE(registry.report(id, {.stalls = 2}));
  EXPECT_EQ(registry.player_report(id)->stalls, 2u);
  viewer->reset();
  EXPECT_FALSE(registry.report(id, {.stalls = 3}));
  EXPECT_FALSE(registry.player_report(id));
}

}  // namespace
}  // namespace livestream
