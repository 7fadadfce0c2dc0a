#include "source/picture_ender.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace livestream {
namespace {

constexpr std::size_t kPacket = PictureEnder::kPacket;
constexpr std::uint16_t kVideo = 0x100;
constexpr std::uint16_t kSound = 0x101;

// Writes the packets of a transport stream.
class Sender {
 public:
  struct Unit {
    std::uint16_t pid = kVideo;
    std::uint8_t stream_id = 0xe0;
    std::size_t size = 1000;
    std::uint16_t told_length = 0;
    bool has_clock = false;
  };

  // A PES packet of `size` bytes; its last packet is filled up by stuffing.
  void send(const Unit& unit) {
    std::size_t left = unit.size;
    for (bool first = true; left > 0; first = false) {
      std::vector<std::uint8_t> adaptation;
      if (first && unit.has_clock) adaptation = {7, 0x10, 0, 0, 0, 0, 0x7e, 0};
      const std::size_t room = kPacket - 4 - adaptation.size();
      if (left < room) stuff(adaptation, room - left);
      const std::size_t size = std::min(left, room);
      packet(unit.pid, first, adaptation, payload(unit, first, size));
      left -= size;
    }
  }

  // A packet of the picture that goes on, with stuffing or without.
  void go_on(bool stuffed) {
    std::vector<std::uint8_t> adaptation;
    if (stuffed) stuff(adaptation, 50);
    packet(kVideo, false, adaptation,
           std::vector<std::uint8_t>(kPacket - 4 - adaptation.size(), 0x55));
  }

  Bytes take() { return std::move(bytes_); }

 private:
  // Makes the field `size` bytes longer.
  static void stuff(std::vector<std::uint8_t>& field, std::size_t size) {
    if (field.empty()) {
      field.push_back(0);
      --size;
    }
    if (size > 0 && field.size() == 1) {
      field.push_back(0);
      --size;
    }
    field.insert(field.end(), size, 0xff);
    field[0] = static_cast<std::uint8_t>(field.size() - 1);
  }

  static std::vector<std::uint8_t> payload(const Unit& unit, bool first, std::size_t size) {
    std::vector<std::uint8_t> bytes(size, 0x55);
    if (!first) return bytes;
    const std::vector<std::uint8_t> header = {0,
                                              0,
                                              1,
                                              unit.stream_id,
                                              static_cast<std::uint8_t>(unit.told_length >> 8),
                                              static_cast<std::uint8_t>(unit.told_length & 0xff),
                                              0x80,
                                              0,
                                              0};
    std::copy(header.begin(), header.end(), bytes.begin());
    return bytes;
  }

  void packet(std::uint16_t pid, bool first, const std::vector<std::uint8_t>& adaptation,
              const std::vector<std::uint8_t>& payload) {
    std::uint8_t& counter = pid == kVideo ? video_counter_ : sound_counter_;
    const std::uint8_t control = adaptation.empty() ? 0x10 : 0x30;
    const Bytes header = {0x47, static_cast<std::uint8_t>((first ? 0x40 : 0) | pid >> 8),
                          static_cast<std::uint8_t>(pid & 0xff),
                          static_cast<std::uint8_t>(control | counter)};
    counter = (counter + 1) & 0x0f;
    for (const auto& part : {header, adaptation, payload})
      bytes_.insert(bytes_.end(), part.begin(), part.end());
  }

  Bytes bytes_;
  std::uint8_t video_counter_ = 14;
  std::uint8_t sound_counter_ = 3;
};

struct Packet {
  std::uint16_t pid = 0;
  std::uint8_t counter = 0;
  bool is_empty_pes = false;
};

std::vector<Packet> packets_of(const Bytes& bytes) {
  EXPECT_EQ(bytes.size() % kPacket, 0u);
  std::vector<Packet> packets;
  for (std::size_t at = 0; at + kPacket <= bytes.size(); at += kPacket) {
    EXPECT_EQ(bytes[at], 0x47);
    const auto* const packet = &bytes[at];
    const bool empty = (packet[1] & 0x40) != 0 && packet[4] == kPacket - 4 - 1 - 9;
    packets.push_back({static_cast<std::uint16_t>((packet[1] & 0x1f) << 8 | packet[2]),
                       static_cast<std::uint8_t>(packet[3] & 0x0f), empty});
  }
  return packets;
}

std::size_t ended(const Bytes& bytes) {
  const auto packets = packets_of(bytes);
  return static_cast<std::size_t>(std::count_if(
      packets.begin(), packets.end(), [](const Packet& one) { return one.is_empty_pes; }));
}

Bytes passed(PictureEnder& ender, const Bytes& in) {
  Bytes out;
  ender.write(in, out);
  return out;
}

// Proves what it must, and one picture more.
void prove(PictureEnder& ender, Sender& sender) {
  for (int i = 0; i <= PictureEnder::kProof; ++i) sender.send({.has_clock = i % 3 == 0});
  (void)passed(ender, sender.take());
}

TEST(PictureEnder, EndsEachPictureWithItsLastPacketOnceTheSenderHasProved) {
  PictureEnder ender;
  Sender sender;
  for (int i = 0; i < PictureEnder::kProof; ++i) sender.send({.has_clock = true});
  const Bytes before = sender.take();
  EXPECT_EQ(passed(ender, before), before);
  sender.send({});
  EXPECT_EQ(ended(passed(ender, sender.take())), 1u);
  sender.send({.pid = kSound, .stream_id = 0xc0, .size = 300});
  const Bytes sound = sender.take();
  EXPECT_EQ(passed(ender, sound), sound);
  sender.send({.size = 100});
  const auto packets = packets_of(passed(ender, sender.take()));
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_TRUE(packets[1].is_empty_pes);
}

TEST(PictureEnder, CountsOnWithoutAHole) {
  PictureEnder ender;
  Sender sender;
  Bytes out;
  for (int i = 0; i < 60; ++i) {
    sender.send({.size = 150 + static_cast<std::size_t>(i) * 37, .has_clock = i % 2 == 0});
    sender.send({.pid = kSound, .stream_id = 0xc0, .size = 200});
    ender.write(sender.take(), out);
  }
  EXPECT_GT(ended(out), 30u);
  std::uint8_t video = 14;
  std::uint8_t sound = 3;
  for (const Packet& packet : packets_of(out)) {
    std::uint8_t& expected = packet.pid == kVideo ? video : sound;
    ASSERT_EQ(packet.counter, expected);
    expected = (expected + 1) & 0x0f;
  }
}

TEST(PictureEnder, TakesTheStreamInPiecesOfAnySize) {
  Sender sender;
  for (int i = 0; i < 30; ++i) sender.send({.size = 300 + static_cast<std::size_t>(i) * 41});
  const Bytes all = sender.take();
  PictureEnder whole;
  const Bytes expected = passed(whole, all);
  for (const std::size_t piece : {1u, 100u, 187u, 188u, 189u, 1316u}) {
    PictureEnder ender;
    Bytes out;
    for (std::size_t at = 0; at < all.size(); at += piece)
      ender.write(ByteView(all).subspan(at, std::min(piece, all.size() - at)), out);
    EXPECT_EQ(out, expected) << piece;
  }
}

TEST(PictureEnder, LeavesPicturesThatTellTheirLength) {
  PictureEnder ender;
  Sender sender;
  for (int i = 0; i < 30; ++i) sender.send({.told_length = 994});
  const Bytes in = sender.take();
  EXPECT_EQ(passed(ender, in), in);
}

TEST(PictureEnder, LeavesAPictureThatFillsItsLastPacket) {
  PictureEnder ender;
  Sender sender;
  prove(ender, sender);
  sender.send({.size = (kPacket - 4) * 3});
  EXPECT_EQ(ended(passed(ender, sender.take())), 0u);
  sender.send({});
  EXPECT_EQ(ended(passed(ender, sender.take())), 1u);
}

TEST(PictureEnder, StopsAtASenderThatStuffsWithinAPicture) {
  PictureEnder ender;
  Sender sender;
  prove(ender, sender);
  sender.send({});
  sender.go_on(false);
  (void)passed(ender, sender.take());
  for (int i = 0; i < 20; ++i) sender.send({});
  EXPECT_EQ(ended(passed(ender, sender.take())), 0u);
}

TEST(PictureEnder, NeverBeginsWithASenderThatStuffsWithinPictures) {
  PictureEnder ender;
  Sender sender;
  for (int i = 0; i < 30; ++i) {
    sender.send({});
    sender.go_on(true);
  }
  const Bytes in = sender.take();
  EXPECT_EQ(passed(ender, in), in);
}

TEST(PictureEnder, LeavesWhatIsNotAStreamOfSuchPackets) {
  for (const std::size_t gap : {4u, 16u}) {
    Sender sender;
    for (int i = 0; i < 30; ++i) sender.send({});
    const Bytes packets = sender.take();
    Bytes in;
    for (std::size_t at = 0; at < packets.size(); at += kPacket) {
      in.insert(in.end(), packets.begin() + static_cast<std::ptrdiff_t>(at),
                packets.begin() + static_cast<std::ptrdiff_t>(at + kPacket));
      in.insert(in.end(), gap, 0);
    }
    PictureEnder ender;
    EXPECT_EQ(passed(ender, in), in) << gap;
  }
  PictureEnder ender;
  const Bytes flv = {'F', 'L', 'V', 1, 5, 0, 0, 0, 9};
  EXPECT_EQ(passed(ender, flv), flv);
}

}  // namespace
}  // namespace livestream
