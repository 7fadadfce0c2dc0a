#include "source/language.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(Language, HasSeveralCodes) {
  for (const char* german : {"de", "deu", "ger", "de-CH", "DE_at", "GER"}) {
    EXPECT_TRUE(is_same_language(german, "de")) << german;
    EXPECT_TRUE(is_same_language("ger", german)) << german;
    EXPECT_FALSE(is_same_language(german, "eng")) << german;
  }
  EXPECT_TRUE(is_same_language("qaa", "qaa"));
}

TEST(Language, IsNotKnownOfAnUndeterminedTag) {
  EXPECT_FALSE(is_same_language("", ""));
  EXPECT_FALSE(is_same_language("und", "und"));
  EXPECT_FALSE(is_same_language("-", "-"));
}

}  // namespace
}  // namespace livestream
