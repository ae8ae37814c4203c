import alibaba from '#plugins/alibaba/plugin'
import bfl from '#plugins/bfl/plugin'
import byteplus from '#plugins/byteplus/plugin'
import elevenlabs from '#plugins/elevenlabs/plugin'
import fal from '#plugins/fal/plugin'
import google from '#plugins/google/plugin'
import ideogram from '#plugins/ideogram/plugin'
import kling from '#plugins/kling/plugin'
import local from '#plugins/local/plugin'
import luma from '#plugins/luma/plugin'
import minimax from '#plugins/minimax/plugin'
import openai from '#plugins/openai/plugin'
import pixverse from '#plugins/pixverse/plugin'
import recraft from '#plugins/recraft/plugin'
import replicate from '#plugins/replicate/plugin'
import reve from '#plugins/reve/plugin'
import runway from '#plugins/runway/plugin'
import sandbox from '#plugins/sandbox/plugin'
import stability from '#plugins/stability/plugin'
import xai from '#plugins/xai/plugin'

/** The plugins that are on. Delete a line and its folder, and everything else still works. */
export default [
  local,
  sandbox,
  alibaba,
  bfl,
  byteplus,
  elevenlabs,
  fal,
  google,
  ideogram,
  kling,
  luma,
  minimax,
  openai,
  pixverse,
  recraft,
  replicate,
  reve,
  runway,
  stability,
  xai,
]
