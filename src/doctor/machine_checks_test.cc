#include "doctor/machine_checks.h"

#include <memory>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::HasSubstr;

TEST(PortCheck, FindsAnotherProgramOnThePort) {
  boost::asio::io_context io;
  using boost::asio::ip::tcp;
  auto other = std::make_unique<tcp::acceptor>(
      io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  ServerSettings settings;
  settings.host = "127.0.0.1";
  settings.port = other->local_endpoint().port();
  EXPECT_EQ(port_check(settings).verdict, Verdict::kFault);
  EXPECT_THAT(port_check(settings).text, HasSubstr("something else listens there"));
  other.reset();
  EXPECT_EQ(port_check(settings).verdict, Verdict::kOk);
  settings.port = 0;
  EXPECT_EQ(port_check(settings).verdict, Verdict::kOk);
}

TEST(OpenFilesCheck, WarnsOfMoreViewersThanDescriptors) {
  ServerSettings settings;
  EXPECT_EQ(open_files_check(settings).verdict, Verdict::kOk);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "this machine has no limit";
  settings.max_clients = 2'000'000'000;
  EXPECT_EQ(open_files_check(settings).verdict, Verdict::kWarning);
}

TEST(ClockCheck, WarnsOnlyOfAClockThatIsKnownToBeFree) {
  EXPECT_EQ(clock_check(ClockState::kUnknown).verdict, Verdict::kOk);
  EXPECT_EQ(clock_check(ClockState::kSynchronised).verdict, Verdict::kOk);
  EXPECT_EQ(clock_check(ClockState::kFree).verdict, Verdict::kWarning);
  EXPECT_THAT(clock_check(ClockState::kFree).text, HasSubstr("timedatectl"));
}

TEST(MemoryCheck, ReadsTheKernelsList) {
  EXPECT_EQ(parse_available_memory("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), 2048u * 1024);
  EXPECT_EQ(parse_available_memory("MemTotal: 9 kB\n"), std::nullopt);
  EXPECT_EQ(parse_available_memory("MemAvailable:"), std::nullopt);
}

TEST(MemoryCheck, WarnsWhereTheStreamsDoNotFit) {
  constexpr std::uint64_t kGiB = 1u << 30;
  EXPECT_EQ(memory_check(kGiB, 2).verdict, Verdict::kOk);
  EXPECT_EQ(memory_check(kGiB, 20).verdict, Verdict::kWarning);
  EXPECT_EQ(memory_check(std::nullopt, 20).verdict, Verdict::kOk);
}

TEST(ProcessorCheck, WarnsBeforeTheProcessorIsFull) {
  EXPECT_EQ(processor_check(1.2, 4),
            (Check{Verdict::kOk, "processor", "all sources together take about 1.2 of 4 cores"}));
  EXPECT_EQ(processor_check(3.9, 4).verdict, Verdict::kWarning);
}

}  // namespace
}  // namespace livestream
