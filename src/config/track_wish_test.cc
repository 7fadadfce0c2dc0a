#include "config/track_wish.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(TrackWish, IsANumberOrALanguage) {
  EXPECT_EQ(parse_track_wish("0"), (TrackWish{0, ""}));
  EXPECT_EQ(parse_track_wish("999"), (TrackWish{999, ""}));
  EXPECT_EQ(parse_track_wish("de"), (TrackWish{std::nullopt, "de"}));
  EXPECT_EQ(parse_track_wish("ENG"), (TrackWish{std::nullopt, "eng"}));
  EXPECT_EQ(parse_track_wish("pt-BR"), (TrackWish{std::nullopt, "pt-br"}));
  EXPECT_EQ(parse_track_wish("pt_BR"), (TrackWish{std::nullopt, "pt-br"}));
  EXPECT_EQ(parse_track_wish("zh-Hant-TW"), (TrackWish{std::nullopt, "zh-hant-tw"}));
  EXPECT_EQ(parse_track_wish("es-419"), (TrackWish{std::nullopt, "es-419"}));
}

TEST(TrackWish, RefusesTheRest) {
  for (const char* text : {"",
                           "1000",
                           "-1",
                           "+1",
                           "1.0",
                           "0x1",
                           "e",
                           "1a",
                           "de-",
                           "-de",
                           "de--at",
                           "e1",
                           "de at",
                           "de,en",
                           "english-english12",
                           "deu;x",
                           "a:0",
                           "m:language:eng",
                           "\xc3\xa9\xc3\xa9",
                           "aa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"}) {
    EXPECT_FALSE(parse_track_wish(text)) << text;
  }
}

}  // namespace
}  // namespace livestream
