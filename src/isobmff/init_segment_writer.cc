#include "isobmff/init_segment_writer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "isobmff/box_writer.h"

namespace livestream {
namespace {

constexpr std::uint32_t kMovieTimescale = 1000;

// The unity matrix of mvhd and tkhd.
void write_matrix(ByteWriter& writer) {
  for (const std::uint32_t value : {0x10000U, 0U, 0U, 0U, 0x10000U, 0U, 0U, 0U, 0x40000000U}) {
    writer.u32(value);
  }
}

void write_ftyp(ByteWriter& writer) {
  const BoxWriter ftyp(writer, "ftyp");
  writer.text("iso6");  // signed composition offsets, decode times, default-base-is-moof
  writer.u32(0);
  for (const char* brand : {"iso6", "mp41"}) writer.text(brand);
}

void write_mvhd(ByteWriter& writer, std::uint32_t next_track_id) {
  const BoxWriter mvhd(writer, "mvhd", 0, 0);
  writer.zeros(8);  // creation and modification time
  writer.u32(kMovieTimescale);
  writer.u32(0);  // duration
  writer.u32(0x10000);
  writer.u16(0x100);
  writer.zeros(10);
  write_matrix(writer);
  writer.zeros(24);
  writer.u32(next_track_id);
}

void write_tkhd(ByteWriter& writer, const Track& track) {
  constexpr std::uint32_t kEnabledInMovie = 3;
  const BoxWriter tkhd(writer, "tkhd", 0, kEnabledInMovie);
  writer.zeros(8);
  writer.u32(track.id());
  writer.zeros(4);
  writer.u32(0);    // duration
  writer.zeros(8);  // reserved
  writer.u16(0);    // layer
  writer.u16(0);    // alternate group
  writer.u16(track.kind == TrackKind::kAudio ? 0x100 : 0);
  writer.u16(0);
  write_matrix(writer);
  writer.u32(track.width << 16);
  writer.u32(track.height << 16);
}

void write_mdhd(ByteWriter& writer, const Track& track) {
  constexpr std::uint16_t kUndetermined = 0x55c4;  // "und"
  const BoxWriter mdhd(writer, "mdhd", 0, 0);
  writer.zeros(8);
  writer.u32(track.timescale);
  writer.u32(0);  // duration
  writer.u16(kUndetermined);
  writer.u16(0);
}

void write_hdlr(ByteWriter& writer, const Track& track) {
  const BoxWriter hdlr(writer, "hdlr", 0, 0);
  writer.u32(0);
  writer.text(track.kind == TrackKind::kVideo ? "vide" : "soun");
  writer.zeros(12);
  writer.u8(0);  // an empty name
}

void write_dinf(ByteWriter& writer) {
  constexpr std::uint32_t kSameFile = 1;
  const BoxWriter dinf(writer, "dinf");
  const BoxWriter dref(writer, "dref", 0, 0);
  writer.u32(1);
  const BoxWriter url(writer, "url ", 0, kSameFile);
}

void write_avc1(ByteWriter& writer, const Track& track) {
  const BoxWriter avc1(writer, "avc1");
  writer.zeros(6);
  writer.u16(1);  // data reference
  writer.zeros(16);
  writer.u16(static_cast<std::uint16_t>(track.width));
  writer.u16(static_cast<std::uint16_t>(track.height));
  writer.u32(0x480000);  // 72 dpi, as every writer says
  writer.u32(0x480000);
  writer.u32(0);
  writer.u16(1);  // frames per sample
  writer.zeros(32);
  writer.u16(0x18);  // depth: colour without alpha
  writer.u16(0xffff);
  const BoxWriter avcc(writer, "avcC");
  writer.bytes(track.decoder_config);
}

// Tag and expandable size of an MPEG-4 descriptor, ISO/IEC 14496-1 §8.3.3.
void write_descriptor_head(ByteWriter& writer, std::uint8_t tag, std::size_t size) {
  writer.u8(tag);
  for (int shift = 21; shift >= 0; shift -= 7) {
    writer.u8(static_cast<std::uint8_t>((size >> shift & 0x7f) | (shift > 0 ? 0x80 : 0)));
  }
}

void write_esds(ByteWriter& writer, const Track& track) {
  constexpr std::size_t kHead = 5;  // of each descriptor
  constexpr std::uint8_t kAacObject = 0x40;
  constexpr std::uint8_t kAudioStream = 0x15;
  const std::size_t config_size = track.decoder_config.size();
  const std::size_t decoder_size = 13 + kHead + config_size;
  const BoxWriter esds(writer, "esds", 0, 0);
  write_descriptor_head(writer, 3, 3 + kHead + decoder_size + kHead + 1);
  writer.u16(0);  // ES_ID: none in a file
  writer.u8(0);
  write_descriptor_head(writer, 4, decoder_size);
  writer.u8(kAacObject);
  writer.u8(kAudioStream);
  writer.zeros(11);  // buffer size and bitrates: unknown
  write_descriptor_head(writer, 5, config_size);
  writer.bytes(track.decoder_config);
  write_descriptor_head(writer, 6, 1);
  writer.u8(2);  // predefined for MP4
}

void write_mp4a(ByteWriter& writer, const Track& track) {
  const BoxWriter mp4a(writer, "mp4a");
  writer.zeros(6);
  writer.u16(1);  // data reference
  writer.zeros(8);
  writer.u16(static_cast<std::uint16_t>(track.channels));
  writer.u16(16);  // bits per sample
  writer.zeros(4);
  // 16.16; rates that do not fit are in the decoder's configuration alone
  writer.u32(track.timescale <= 0xffff ? track.timescale << 16 : 0);
  write_esds(writer, track);
}

void write_stbl(ByteWriter& writer, const Track& track) {
  const BoxWriter stbl(writer, "stbl");
  {
    const BoxWriter stsd(writer, "stsd", 0, 0);
    writer.u32(1);
    track.kind == TrackKind::kVideo ? write_avc1(writer, track) : write_mp4a(writer, track);
  }
  for (const char* type : {"stts", "stsc"}) {
    const BoxWriter empty(writer, type, 0, 0);
    writer.u32(0);
  }
  {
    const BoxWriter stsz(writer, "stsz", 0, 0);
    writer.zeros(8);
  }
  const BoxWriter stco(writer, "stco", 0, 0);
  writer.u32(0);
}

void write_trak(ByteWriter& writer, const Track& track) {
  const BoxWriter trak(writer, "trak");
  write_tkhd(writer, track);
  const BoxWriter mdia(writer, "mdia");
  write_mdhd(writer, track);
  write_hdlr(writer, track);
  const BoxWriter minf(writer, "minf");
  if (track.kind == TrackKind::kVideo) {
    const BoxWriter vmhd(writer, "vmhd", 0, 1);
    writer.zeros(8);
  } else {
    const BoxWriter smhd(writer, "smhd", 0, 0);
    writer.zeros(4);
  }
  write_dinf(writer);
  write_stbl(writer, track);
}

void write_mvex(ByteWriter& writer, std::span<const Track> tracks) {
  const BoxWriter mvex(writer, "mvex");
  for (const Track& track : tracks) {
    const BoxWriter trex(writer, "trex", 0, 0);
    writer.u32(track.id());
    writer.u32(1);     // sample description
    writer.zeros(12);  // every fragment says its own durations, sizes and flags
  }
}

// moov/udta/soun: an empty box of our own.
void write_sound_mark(ByteWriter& writer) {
  const BoxWriter udta(writer, "udta");
  const BoxWriter soun(writer, "soun");
}

}  // namespace

InitSegment write_init_segment(std::span<const Track> tracks, bool leaves_out_sound) {
  InitSegment segment;
  segment.selection = {.video = false, .audio = false};
  std::uint32_t next_track_id = 1;
  for (const Track& track : tracks) {
    (track.kind == TrackKind::kVideo ? segment.selection.video : segment.selection.audio) = true;
    if (!segment.codecs.empty()) segment.codecs += ',';
    segment.codecs += track.codec;
    next_track_id = std::max(next_track_id, track.id() + 1);
  }
  ByteWriter writer;
  write_ftyp(writer);
  {
    const BoxWriter moov(writer, "moov");
    write_mvhd(writer, next_track_id);
    for (const Track& track : tracks) write_trak(writer, track);
    write_mvex(writer, tracks);
    if (leaves_out_sound) write_sound_mark(writer);
  }
  segment.bytes = SharedBytes(writer.take());
  return segment;
}

StreamDescription describe(std::vector<Track> tracks) {
  std::sort(tracks.begin(), tracks.end(),
            [](const Track& a, const Track& b) { return a.id() < b.id(); });
  StreamDescription description;
  description.tracks = std::move(tracks);
  description.init_segments.push_back(write_init_segment(description.tracks));
  if (description.tracks.size() > 1) {
    description.init_segments.push_back(
        write_init_segment(std::span<const Track>(description.tracks).first(1), true));
  }
  return description;
}

}  // namespace livestream
