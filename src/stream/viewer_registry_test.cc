#include "stream/viewer_registry.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(ViewerRegistry, GivesOutAsManyPlacesAsThereAre) {
  ViewerRegistry registry(2);
  const auto first = registry.join("192.0.2.1:1", "", {}, {});
  auto second = registry.join("192.0.2.2:1", "", {}, {});
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(registry.join("192.0.2.3:1", "", {}, {}), nullptr);
  second.reset();
  EXPECT_NE(registry.join("192.0.2.3:1", "", {}, {}), nullptr);
  EXPECT_EQ(registry.totals().refused, 1u);
  EXPECT_EQ(registry.totals().viewers, 3u);
}

TEST(ViewerRegistry, CountsThoseWhoHaveLeftToo) {
  ViewerRegistry registry(2);
  {
    const auto gone = registry.join("192.0.2.1:1", "", {}, {});
    Viewer::add(gone->bytes_sent, 100);
    Viewer::add(gone->fragments_skipped, 7);
  }
  const auto here = registry.join("192.0.2.2:1", "agent", {}, {});
  Viewer::add(here->bytes_sent, 11);
  EXPECT_EQ(registry.totals().bytes_sent, 111u);
  EXPECT_EQ(registry.totals().fragments_skipped, 7u);
  ASSERT_EQ(registry.viewers().size(), 1u);
  EXPECT_EQ(registry.viewers().front()->user_agent, "agent");
}

}  // namespace
}  // namespace livestream
