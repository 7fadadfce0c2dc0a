#include "base/mask.h"

#include <algorithm>
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

namespace livestream {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  const char* text;
  const char* masked;
};

class MaskTable : public testing::TestWithParam<Row> {};

TEST_P(MaskTable, IsMaskedAsTheTableSays) {
  EXPECT_EQ(mask_credentials(GetParam().text), GetParam().masked);
}

TEST_P(MaskTable, IsNotChangedByMaskingAgain) {
  EXPECT_EQ(mask_credentials(GetParam().masked), GetParam().masked);
}

INSTANTIATE_TEST_SUITE_P(
    UserInfo, MaskTable,
    testing::Values(
        Row{"rtsp://user:pass@cam:554/h264", "rtsp://***@cam:554/h264"},
        Row{"rtsp://user@cam/1", "rtsp://***@cam/1"},
        Row{"RTSPS://u:p@[::1]:322/", "RTSPS://***@[::1]:322/"},
        Row{"srt+x.y-z://u:p@h", "srt+x.y-z://***@h"}, Row{"http://:p@h/", "http://***@h/"},
        Row{"rtsp://us%40er:p%3Aw@h/", "rtsp://***@h/"},
        // Not encoded as they should be.
        Row{"rtsp://u:p@ss@h/1", "rtsp://***@h/1"}, Row{"rtsp://u:p:w@h/1", "rtsp://***@h/1"},
        Row{"rtsp://u:p/w@h/1", "rtsp://***@h/1"}, Row{"rtsp://u:p#w@h/1", "rtsp://***@h/1"},
        Row{"rtsp://u:p?w@h/1", "rtsp://***@h/1"}, Row{"rtsp://u:12/34@h/1", "rtsp://***@h/1"},
        Row{"rtsp://me@mail.org:p/w@h/1", "rtsp://***@h/1"},
        Row{"rtsp://u:p\"w@h/1", "rtsp://***@h/1"}, Row{"rtsp://u:p'w@h/1", "rtsp://***@h/1"},
        Row{"rtsp://u:p w@h/1", "rtsp://***@h/1"},
        Row{"x rtsp://u:p@\"\"':w@h/1", "x rtsp://***@h/1"},
        Row{"'rtsp://u:p@\",w@h/1', x", "'rtsp://***@h/1', x"},
        Row{"rtsp://u:p://w@h/1", "rtsp://***@h/1"},
        Row{"rtsp://u:p\xc3\xa4\xff@h/1", "rtsp://***@h/1"},
        Row{"rtsp://admin:secre", "rtsp://***"}, Row{"rtsp://admin:secret/1 x", "rtsp://*** x"},
        Row{"http://p/?url=rtsp%3A%2F%2Fu%3Ap%40h%2F1&a=b",
            "http://p/?url=rtsp%3A%2F%2F***%40h%2F1&a=b"}));

INSTANTIATE_TEST_SUITE_P(
    Harmless, MaskTable,
    testing::Values(
        Row{"", ""}, Row{"://", "://"}, Row{"rtsp://", "rtsp://"}, Row{"video.mp4", "video.mp4"},
        Row{"mail me@here.org: 5", "mail me@here.org: 5"}, Row{"[tcp @ 0x55d0]", "[tcp @ 0x55d0]"},
        Row{"rtsp://cam:554/stream", "rtsp://cam:554/stream"},
        Row{"http://h:8000", "http://h:8000"},
        Row{"Open http://[::1]:8000/.", "Open http://[::1]:8000/."},
        Row{"(see http://h:80), then", "(see http://h:80), then"},
        Row{"tcp://127.0.0.1:5541: Connection refused", "tcp://127.0.0.1:5541: Connection refused"},
        Row{"rtsp://cam: refused", "rtsp://cam: refused"},
        Row{"udp://@239.0.0.1:1234", "udp://@239.0.0.1:1234"},
        Row{"srt://:9000?mode=listener", "srt://:9000?mode=listener"},
        Row{"https://site/@name/live", "https://site/@name/live"},
        Row{"\xf0\x9f\x8e\xa5 caf\xc3\xa9 \xff\xfe", "\xf0\x9f\x8e\xa5 caf\xc3\xa9 \xff\xfe"},
        Row{"key=VIDEO_FPS user_agent=x", "key=VIDEO_FPS user_agent=x"},
        Row{"http://h/?a=1&b=2#c", "http://h/?a=1&b=2#c"}));

INSTANTIATE_TEST_SUITE_P(
    Parameters, MaskTable,
    testing::Values(Row{"http://h/?token=abc", "http://h/?token=***"},
                    Row{"http://h/?a=1&Access_Token=abc&b=2", "http://h/?a=1&Access_Token=***&b=2"},
                    Row{"/live?apikey=abc HTTP/1.1", "/live?apikey=*** HTTP/1.1"},
                    Row{"/x?user=a&password=b#c&d=e", "/x?user=***&password=***&d=e"},
                    Row{"/x?pwd=a;b&c=d", "/x?pwd=***&c=d"},
                    Row{"/x?a=1;secret=b", "/x?a=1;secret=***"},
                    Row{"/x?Authorization=a", "/x?Authorization=***"},
                    Row{"/x?sig=a", "/x?sig=***"},
                    Row{"/x?X-Amz-Signature=a&X-Amz-Credential=b",
                        "/x?X-Amz-Signature=***&X-Amz-Credential=***"},
                    Row{"/x?%74oken=a&k%45y=b", "/x?%74oken=***&k%45y=***"},
                    Row{"/x?a&amp;token=b", "/x?a&amp;token=***"},
                    Row{"/x#access_token=a", "/x#access_token=***"}, Row{"/x?key=", "/x?key="},
                    Row{"'/x?key=a', ok", "'/x?key=***', ok"}, Row{"/x?key=a'b", "/x?key=***"},
                    Row{"srt://h:1?passphrase=a&streamid=#!::r=live,u=me",
                        "srt://h:1?passphrase=***&streamid=***"},
                    Row{"passphrase=a streamid=b", "passphrase=*** streamid=***"},
                    Row{"rtsp://u:p@h/?auth=a&b=c", "rtsp://***@h/?auth=***&b=c"}));

INSTANTIATE_TEST_SUITE_P(
    LogLines, MaskTable,
    testing::Values(
        Row{"[rtsp @ 0x5] method DESCRIBE failed: 401 rtsp://u:p@h/1: denied",
            "[rtsp @ 0x5] method DESCRIBE failed: 401 rtsp://***@h/1: denied"},
        Row{"Input #0, rtsp, from 'rtsp://u:p@h/1':", "Input #0, rtsp, from 'rtsp://***@h/1':"},
        Row{"a rtsp://u:p@h b http://x:y@z c", "a rtsp://***@h b http://***@z c"},
        Row{"{\"a\":\"rtsp://u:p@h\",\"b\":\"c@d\"}", "{\"a\":\"rtsp://***@h\",\"b\":\"c@d\"}"},
        Row{"a://b://u:p@h", "a://***@h"}, Row{"rtsp://u:p\nmail@x", "rtsp://***\nmail@x"}));

TEST(Mask, NeverShowsThePasswordWhereverTheLineIsCut) {
  const std::string line = "from 'rtsp://me:hunter2@cam:554/live?x=1': Connection refused";
  for (std::size_t size = 0; size <= line.size(); ++size) {
    EXPECT_THAT(mask_credentials(line.substr(0, size)), Not(HasSubstr("hunt"))) << size;
  }
}

// The processor time of this thread: what other programs take does not count.
std::chrono::nanoseconds processor_time() {
  timespec used{};
  EXPECT_EQ(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used), 0);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// The shortest of several times that masking the repeated `unit` takes.
std::chrono::nanoseconds time_to_mask(const std::string& unit, std::size_t size) {
  std::string text;
  while (text.size() < size) text += unit;
  auto shortest = std::chrono::nanoseconds::max();
  for (int i = 0; i < 3; ++i) {
    const auto start = processor_time();
    EXPECT_LE(mask_credentials(text).size(), 2 * text.size());
    shortest = std::min(shortest, processor_time() - start);
  }
  return shortest;
}

TEST(Mask, TakesTimeInProportionToTheText) {
  for (const std::string unit : {"a://",
                                 "://u:p",
                                 "a:// ",
                                 "%3A%2F%2F",
                                 "?key=",
                                 "a",
                                 "\"",
                                 "x://u:p ",
                                 "@",
                                 "://[",
                                 "?a%",
                                 "=",
                                 "x://u:p\" ",
                                 "rtmp://",
                                 "x://u:p@h b ",
                                 "'x://u:p@h b",
                                 "bearer ",
                                 "digest username=",
                                 "Cookie: ",
                                 "#!::",
                                 ":\\/\\/",
                                 "%3d",
                                 "_user=",
                                 "eyJ.",
                                 "token%3d%253a%252f%252f"}) {
    // Quadratic work takes 400 times as long for twenty times the text.
    EXPECT_LT(time_to_mask(unit, 1'000'000), 120 * time_to_mask(unit, 50'000)) << unit;
  }
}

TEST(Mask, KeepsEveryByteOfOtherText) {
  std::string text;
  for (int i = 0; i < 256; ++i) text.push_back(static_cast<char>(i));
  EXPECT_EQ(mask_credentials(text), text);
}

}  // namespace
}  // namespace livestream
