#include "stream/viewer_registry.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(ViewerRegistry, GivesOutAsManyPlacesAsThereAre) {
  const Stream stream("default", "e");
  ViewerRegistry registry(2);
  const auto first = registry.join(stream, "192.0.2.1:1", "", {}, {});
  auto second = registry.join(stream, "192.0.2.2:1", "", {}, {});
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(registry.join(stream, "192.0.2.3:1", "", {}, {}), nullptr);
  second.reset();
  EXPECT_NE(registry.join(stream, "192.0.2.3:1", "", {}, {}), nullptr);
  EXPECT_EQ(registry.totals().refused, 1u);
  EXPECT_EQ(registry.totals().viewers, 3u);
}

TEST(ViewerRegistry, CountsThoseWhoHaveLeftToo) {
  const Stream stream("default", "e");
  ViewerRegistry registry(2);
  {
    const auto gone = registry.join(stream, "192.0.2.1:1", "", {}, {});
    Viewer::add(gone->bytes_sent, 100);
    Viewer::add(gone->fragments_skipped, 7);
  }
  const auto here = registry.join(stream, "192.0.2.2:1", "agent", {}, {});
  Viewer::add(here->bytes_sent, 11);
  EXPECT_EQ(registry.totals().bytes_sent, 111u);
  EXPECT_EQ(registry.totals().fragments_skipped, 7u);
  ASSERT_EQ(registry.viewers().size(), 1u);
  EXPECT_EQ(registry.viewers().front()->user_agent, "agent");
}

TEST(ViewerRegistry, CountsEachStreamByItselfToo) {
  const Stream one("default", "e1");
  const Stream other("demo", "e2");
  ViewerRegistry registry(2);
  {
    const auto gone = registry.join(one, "192.0.2.1:1", "", {}, {});
    Viewer::add(gone->fragments_sent, 3);
  }
  const auto here = registry.join(other, "192.0.2.1:1", "", {}, {});
  const auto there = registry.join(one, "192.0.2.1:1", "", {}, {});
  EXPECT_EQ(registry.join(other, "192.0.2.1:1", "", {}, {}), nullptr) << "the places are shared";
  Viewer::add(here->fragments_sent, 10);
  Viewer::add(there->fragments_sent, 4);
  EXPECT_EQ(registry.totals().fragments_sent, 17u);
  EXPECT_EQ(registry.totals(one).fragments_sent, 7u);
  EXPECT_EQ(registry.totals(one).viewers, 2u);
  EXPECT_EQ(registry.totals(other).fragments_sent, 10u);
  EXPECT_EQ(registry.totals(other).refused, 1u);
}

}  // namespace
}  // namespace livestream
