#include "stream/stream_registry.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using testing::ElementsAre;

StreamTable::Entry entry(const std::string& name, bool listed = true) {
  StreamSettings settings;
  settings.name = name;
  return std::make_shared<StreamEntry>(StreamEntry{
      .settings = std::move(settings), .stream = nullptr, .demand = nullptr, .listed = listed});
}

TEST(StreamTable, FindsStreamsByTheirWholeName) {
  const StreamTable table({entry("front"), entry("frontdoor")});
  EXPECT_EQ(table.find("front")->settings.name, "front");
  EXPECT_EQ(table.find("frontdoor")->settings.name, "frontdoor");
  for (const char* name : {"", "fron", "front/", "Front"}) EXPECT_EQ(table.find(name), nullptr);
}

TEST(StreamTable, HasTheFirstListedStreamAtTheRoot) {
  const auto demo = entry("demo", false);
  const auto one = entry("b");
  const auto other = entry("a");
  const StreamTable table({demo, one, other});
  EXPECT_EQ(table.first(), one);
  EXPECT_THAT(table.listed(), ElementsAre(one, other));
  EXPECT_EQ(table.find("demo"), demo) << "found, though not listed";
  EXPECT_EQ(StreamTable().first(), nullptr);
  EXPECT_EQ(StreamTable({demo}).first(), nullptr);
}

TEST(StreamRegistry, PublishesAWholeTableAndLeavesThoseInUse) {
  StreamRegistry registry;
  const auto before = registry.table();
  EXPECT_EQ(before->first(), nullptr);
  registry.publish(StreamTable({entry("a")}));
  EXPECT_EQ(before->first(), nullptr);
  EXPECT_EQ(registry.table()->first()->settings.name, "a");
}

}  // namespace
}  // namespace livestream
