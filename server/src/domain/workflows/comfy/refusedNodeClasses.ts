import { names } from "./coreNodeClasses.ts";

/** Why classes of ComfyUI 0.33.0 are not in coreNodeClasses: what a tenant is told, and the classes. Read from their source or their inputs. */
const refused: readonly (readonly [reason: string, classes: readonly string[]])[] = [
	[
		"it writes files other than pictures, or where the graph says",
		names`CLIPSave CheckpointSave ImageOnlyCheckpointSave LoraSave ModelSave VAESave SaveLatent SaveLoRA SaveText SaveSVGNode
			SaveTrainingDataset SaveImageDataSetToFolder SaveImageTextDataSetToFolder SaveImageAdvanced`,
	],
	[
		"it reads files by a name that the graph chooses, which may be another tenant's",
		names`LoadImageOutput LoadLatent LoadAudio LoadVideo LoadImageDataSetFromFolder LoadImageTextDataSetFromFolder
			LoadVideoDataSetFromFolder LoadVideoTextDataSetFromFolder LoadTrainingDataset Load3D Load3DAdvanced DiffusersLoader
			CheckpointLoader Painter PaintMesh ImageCompositor`,
	],
	["it needs a browser or a camera", names`WebcamCapture RecordAudio ImageCompare CurveEditor GenerateTracks`],
	["its pictures are sent over a socket and lost when that drops; use SaveImage", names`SaveImageWebsocket`],
	["it shows values of the machine as text and makes no picture", names`PreviewAny`],
	["it runs code or expressions of the graph", names`GLSLShader ComfyMathExpression TorchCompileModel`],
	[
		"a crafted pattern or text makes it run for ever or grow without bound",
		names`RegexExtract RegexMatch RegexReplace StringConcatenate StringFormat StringReplace ReplaceText AddTextPrefix AddTextSuffix
			ConvertArrayToString ConvertDictionaryToString JsonExtractString BuildJsonPromptIdeogram MergeTextLists`,
	],
	[
		"its number of steps or its size cannot be told from the graph",
		names`ManualSigmas ExtendIntermediateSigmas SamplerDPMAdaptative SamplerLCMUpscale ResizeImagesByShorterEdge ResizeImageMaskNode
			ImageGrid LatentConcat SplitImageToTileList ImageMergeTileList RandomCropImages ResolutionBucket ResolutionSelector
			CreateHookKeyframesFromFloats`,
	],
	[
		"it trains, or prepares or shuffles training data",
		names`TrainLoraNode LoraModelLoader MakeTrainingDataset LossGraphNode ShuffleDataset ShuffleImageTextDataset ShuffleVideoDataset
			ShuffleVideoTextDataset ImageDeduplication NormalizeImages MergeImageLists`,
	],
	["it writes text with a language model, at a cost nothing bounds", names`TextGenerate TextGenerateLTX2Prompt`],
	[
		"which device, precision or memory a model uses is the operator's to choose",
		names`SelectCLIPDevice SelectModelDevice SelectVAEDevice MultiGPU_WorkUnits ModelAttentionBackend ModelComputeDtype wanBlockSwap
			FluxKVCache`,
	],
	[
		"it merges models, holding several in memory at once",
		names`CLIPMergeAdd CLIPMergeSimple CLIPMergeSubtract CreateHookModelAsLora CreateHookModelAsLoraModelOnly ModelMergeAdd
			ModelMergeAuraflow ModelMergeBlocks ModelMergeCosmos14B ModelMergeCosmos7B ModelMergeCosmosPredict2_14B
			ModelMergeCosmosPredict2_2B ModelMergeFlux1 ModelMergeKrea2 ModelMergeLTXV ModelMergeMochiPreview ModelMergeQwenImage
			ModelMergeSD1 ModelMergeSD2 ModelMergeSD35_Large ModelMergeSD3_2B ModelMergeSDXL ModelMergeSimple ModelMergeSubtract
			ModelMergeWAN2_1`,
	],
	[
		"it makes or handles video, and this platform makes pictures",
		names`ARVideoI2V BerniniConditioning CLIPTextEncodeKandinsky5 ConditioningSetAreaPercentageVideo ContextWindowsManual
			CosmosImageToVideoLatent CosmosPredict2ImageToVideoLatent CreateCameraInfo CreateVideo EmptyARVideoLatent EmptyCosmosLatentVideo
			EmptyHunyuanLatentVideo EmptyHunyuanVideo15Latent EmptyLTXVLatentVideo EmptyMiniMaxH3LatentAV EmptyMochiLatentVideo
			FrameInterpolate FrameInterpolationModelLoader GetICLoRAParameters GetVideoComponents HunyuanImageToVideo HunyuanRefinerLatent
			HunyuanVideo15ImageToVideo HunyuanVideo15LatentUpscaleWithModel HunyuanVideo15SuperResolution ImageOnlyCheckpointLoader
			Kandinsky5ImageToVideo LTXAVTextEncoderLoader LTXVAddGuide LTXVConcatAVLatent LTXVConditioning LTXVContextWindows LTXVCropGuides
			LTXVDualCFGGuider LTXVDurationPredictor LTXVImgToVideo LTXVImgToVideoInplace LTXVLatentUpsampler LTXVModalityGuidance
			LTXVPreprocess LTXVScheduler LTXVSeparateAVLatent LTXVSpatioTemporalGuidance LatentCut LatentCutToBatch LatentUpscaleModelLoader
			MiniMaxH3AddGuide MiniMaxH3ImageToVideo MiniMaxH3ReferenceToVideo MiniMaxH3SigmaShift ModelSamplingLTXV
			NormalizeVideoLatentStart OpticalFlowLoader ReplaceVideoLatentFrames SAM3_TrackPreview SAM3_TrackToMask SAM3_VideoTrack
			SCAIL2ColoredMask SV3D_Conditioning SVD_img2vid_Conditioning SamplerARVideo SaveAnimatedPNG SaveAnimatedWEBP SaveVideo SaveWEBM
			SeedVR2Conditioning SeedVR2PostProcessing SeedVR2Preprocess SeedVR2TemporalChunk SeedVR2TemporalMerge
			TextEncodeHunyuanVideo_ImageToVideo TrimVideoLatent UNetTemporalAttentionMultiply VOIDInpaintConditioning VOIDQuadmaskPreprocess
			VOIDSampler VOIDWarpedNoise VOIDWarpedNoiseSource VideoFrameSample VideoLinearCFGGuidance VideoRandomTemporalCrop
			VideoTemporalCrop VideoTriangleCFGGuidance Wan22FunControlToVideo Wan22ImageToVideoLatent WanAnimate2Cache WanAnimate2ToVideo
			WanAnimateToVideo WanCameraEmbedding WanCameraImageToVideo WanContextWindowsManual WanDancerEncodeAudio WanDancerPadKeyframes
			WanDancerPadKeyframesList WanDancerVideo WanFirstLastFrameToVideo WanFunControlToVideo WanFunInpaintToVideo
			WanHuMoImageToVideo WanImageToVideo WanInfiniteTalkToVideo WanMoveConcatTrack WanMoveTrackToVideo WanMoveTracksFromCoords
			WanMoveVisualizeTracks WanPhantomSubjectToVideo WanSCAILToVideo WanSoundImageToVideo WanSoundImageToVideoExtend
			WanTrackToVideo WanUni3CControlnetApply WanVaceToVideo`.concat("Video Slice"),
	],
	[
		"it makes or handles sound, and this platform makes pictures",
		names`AudioAdjustVolume AudioConcat AudioEncoderEncode AudioEncoderLoader AudioEqualizer3Band AudioMerge ConditioningStableAudio
			EmptyAceStep1.5LatentAudio EmptyAceStepLatentAudio EmptyAudio EmptyLatentAudio EmptyMiniMaxMusic3LatentAudio JoinAudioChannels
			LTXVAudioVAEDecode LTXVAudioVAEEncode LTXVAudioVAELoader LTXVEmptyLatentAudio LTXVReferenceAudio MiniMaxMusic3TextEncode
			PreviewAudio ReferenceTimbreAudio SaveAudio SaveAudioAdvanced SaveAudioMP3 SaveAudioOpus SplitAudioChannels
			TextEncodeAceStepAudio TextEncodeAceStepAudio1.5 TrimAudioDuration VAEDecodeAudio VAEDecodeAudioTiled VAEEncodeAudio`,
	],
	[
		"it makes or handles three-dimensional objects, and this platform makes pictures",
		names`ApplyTextureToMesh BakeAmbientOcclusion BakeNormalMapFromMesh BakeTextureFromVoxel DA3GeometryToMesh DA3Inference DA3Render
			DecimateMesh EmptyLatentHunyuan3Dv2 EmptyTrellis2LatentStructure File3DToSplat FillHoles GetMeshInfo GetSplatCount
			Hunyuan3Dv2Conditioning Hunyuan3Dv2ConditioningMultiView LoadDA3Model LoadMoGeModel MergeMeshes MergeSplat MeshSmoothNormals
			MeshTextureToImage MeshToFile3D MoGeGeometryToFOV MoGeInference MoGePanoramaInference MoGePointMapToMesh MoGeRender
			Pixal3DConditioning Preview3D Preview3DAdvanced PreviewGaussianSplat PreviewPointCloud RemeshMesh RenderMesh RenderSplat
			RenderUVAtlas RotateMesh Save3DAdvanced SaveGLB SaveGaussianSplat SavePointCloud SplatToFile3D SplatToMesh
			StableZero123_Conditioning StableZero123_Conditioning_Batched TransformSplat Trellis2Conditioning Trellis2ShapeStage
			Trellis2TextureStage Trellis2UpsampleStage TripoSplatConditioning TripoSplatPreprocessImage TripoSplatSamplingPreview
			UnwrapMesh VAEDecodeHunyuan3D VAEDecodeTripoSplat VaeDecodeShapeTrellis VaeDecodeStructureTrellis2 VaeDecodeTextureTrellis
			VoxelToMesh VoxelToMeshBasic WeldVertices`,
	],
	[
		"what it costs and reads has not been reviewed yet",
		names`AddLayer AnimaLLLiteApply CFGOverride CaseConverter ChromaRadianceOptions ColorToRGBInt ColorTransfer ComfyAndNode
			ComfyNotNode ComfyNumberConvert ComfyOrNode CreateBoundingBoxes CreateList CropByBBoxes CustomCombo DrawBBoxes
			DualModelGuider EmptyHiDreamO1LatentImage EmptyQwenImageLayeredLatentImage HiDreamO1PatchSeamSmoothing HiDreamO1ReferenceImages
			Ideogram4Scheduler ImageHistogram LayersFromBoundingBoxes LoadMediaPipeFaceLandmarker MediaPipeFaceLandmarker MediaPipeFaceMask
			MediaPipeFaceMeshVisualize ModelNoiseScale PiDConditioning PrimitiveBoundingBox RTDETR_detect SAM3_Detect SDPoseDrawKeypoints
			SDPoseFaceBBoxes SDPoseKeypointExtractor SUPIRApply ScaleROPE StableCascade_SuperResolutionControlnet StringCompare StringContains StringLength StringSubstring StringTrim
			StripWhitespace TextEncodeBooguEdit TextEncodeJoyImageEdit TextEncodeMageFlowEdit TextOverlay TextToLowercase TextToUppercase
			TruncateText`,
	],
];

const reasons = new Map(refused.flatMap(([reason, classes]) => classes.map((name) => [name, reason] as const)));

/** Why a class of ComfyUI's own is refused; undefined for any other class. */
export function reasonRefused(name: string): string | undefined {
	return reasons.get(name);
}

export const refusedNodeClasses: ReadonlySet<string> = new Set(reasons.keys());
