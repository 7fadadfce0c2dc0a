#include "source/encoded_audio.h"

namespace livestream {

Track encoded_audio_track() {
  Track track;
  track.kind = TrackKind::kAudio;
  track.timescale = 44'100;
  track.codec = "mp4a.40.2";
  track.channels = 2;
  // AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1), followed by the explicit statement that there
  // is no SBR, which ffmpeg's encoder adds.
  track.decoder_config = {0x12, 0x10, 0x56, 0xe5, 0x00};
  return track;
}

}  // namespace livestream
