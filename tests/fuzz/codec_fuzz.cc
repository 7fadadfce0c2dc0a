// The configurations of H.264 and AAC.
#include "fuzz.h"
#include "media/aac.h"
#include "media/h264.h"

using namespace livestream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  switch (input.choice % 3) {
    case 0:
      if (const auto configuration = read_aac_configuration(input.bytes)) {
        fuzz::require(configuration->sample_rate > 0, "sound has a rate");
        fuzz::require(configuration->samples_per_frame > 0, "a frame has samples");
        fuzz::require(aac_codec_string(*configuration).starts_with("mp4a.40."), "a codec string");
      }
      break;
    case 1:
      if (const auto parameters = read_h264_parameters(input.bytes))
        fuzz::require(parameters->width > 0 && parameters->height > 0, "a picture has a size");
      break;
    default:
      (void)h264_refusal(input.bytes);
      if (const auto configuration = read_h264_configuration(input.bytes)) {
        fuzz::require(!configuration->sequence_parameter_sets.empty(), "there is a parameter set");
        fuzz::require(h264_codec_string(*configuration).size() == 11, "avc1.PPCCLL");
        for (const ByteView set : configuration->sequence_parameter_sets)
          (void)read_h264_parameters(set);
      }
  }
  return 0;
}
