#include "config/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::HasSubstr;

TEST(TextFile, IsTrustedWhenItsUserOrRootAloneMayWrite) {
  constexpr uid_t kUser = 1000;
  for (const mode_t mode : {0100400, 0100600, 0100644, 0100755, 0010600}) {
    EXPECT_EQ(reason_to_distrust(".env", kUser, mode, kUser), "") << mode;
    EXPECT_EQ(reason_to_distrust(".env", 0, mode, kUser), "") << mode;
    EXPECT_EQ(reason_to_distrust(".env", 0, mode, 0), "") << mode;
    EXPECT_THAT(reason_to_distrust(".env", 1001, mode, kUser), HasSubstr("another user")) << mode;
    EXPECT_THAT(reason_to_distrust(".env", kUser, mode, 0), HasSubstr("another user")) << mode;
  }
  for (const mode_t mode : {0100660, 0100602, 0100666, 0100664, 0100777})
    EXPECT_THAT(reason_to_distrust(".env", kUser, mode, kUser), HasSubstr("chmod go-w")) << mode;
}

}  // namespace
}  // namespace livestream
