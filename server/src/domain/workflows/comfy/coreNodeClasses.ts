/**
 * ComfyUI's own node classes (of the 634 of version 0.33.0) that a stranger's graph may use: they turn models, texts and pictures that were
 * handed to them into pictures, at a cost that checkGraphSafety can bound from the graph. refusedNodeClasses.ts says why the others are not
 * here. A class in neither file, ComfyUI's or anybody's, is refused until an operator allows it.
 */
export const coreNodeClasses: ReadonlySet<string> = new Set([
	...names`CheckpointLoaderSimple unCLIPCheckpointLoader UNETLoader CLIPLoader DualCLIPLoader TripleCLIPLoader QuadrupleCLIPLoader
		VAELoader LoraLoader LoraLoaderModelOnly LoraLoaderBypass LoraLoaderBypassModelOnly ControlNetLoader DiffControlNetLoader
		CLIPVisionLoader StyleModelLoader GLIGENLoader HypernetworkLoader PhotoMakerLoader UpscaleModelLoader ModelPatchLoader
		LoadBackgroundRemovalModel CreateHookLora CreateHookLoraModelOnly`,
	...names`CLIPSetLastLayer T5TokenizerOptions CLIPTextEncode CLIPTextEncodeControlnet CLIPTextEncodeFlux CLIPTextEncodeHiDream
		CLIPTextEncodeHunyuanDiT CLIPTextEncodeLumina2 CLIPTextEncodePixArtAlpha CLIPTextEncodeSD3 CLIPTextEncodeSDXL
		CLIPTextEncodeSDXLRefiner TextEncodeQwenImageEdit TextEncodeQwenImageEditPlus TextEncodeZImageOmni CLIPVisionEncode`,
	...names`ConditioningAverage ConditioningCombine ConditioningConcat ConditioningMultiply ConditioningSetArea
		ConditioningSetAreaPercentage ConditioningSetAreaStrength ConditioningSetDefaultCombine ConditioningSetMask
		ConditioningSetProperties ConditioningSetPropertiesAndCombine ConditioningSetTimestepRange ConditioningTimestepsRange
		ConditioningZeroOut PairConditioningCombine PairConditioningSetDefaultCombine PairConditioningSetProperties
		PairConditioningSetPropertiesAndCombine unCLIPConditioning ReferenceLatent FluxGuidance FluxDisableGuidance
		FluxKontextMultiReferenceLatentMethod InstructPixToPixConditioning InpaintModelConditioning LotusConditioning
		SD_4XUpscale_Conditioning StableCascade_StageB_Conditioning StyleModelApply USOStyleReference GLIGENTextBoxApply PhotoMakerEncode
		SetClipHooks SetHookKeyframes CreateHookKeyframe CreateHookKeyframesInterpolated CombineHooks2 CombineHooks4 CombineHooks8`,
	...names`ControlNetApply ControlNetApplyAdvanced ControlNetApplySD3 ControlNetInpaintingAliMamaApply SetUnionControlNetType
		QwenImageDiffsynthControlnet ZImageFunControlnet`,
	...names`KSampler KSamplerAdvanced SamplerCustom SamplerCustomAdvanced KSamplerSelect SamplerDPMPP_2M_SDE SamplerDPMPP_2S_Ancestral
		SamplerDPMPP_3M_SDE SamplerDPMPP_SDE SamplerER_SDE SamplerEulerAncestral SamplerEulerAncestralCFGPP SamplerEulerCFGpp SamplerLCM
		SamplerLMS SamplerSASolver SamplerSEEDS2 BasicGuider CFGGuider DualCFGGuider PerpNegGuider PerpNeg RandomNoise DisableNoise
		AddNoise BasicScheduler KarrasScheduler ExponentialScheduler PolyexponentialScheduler LaplaceScheduler VPScheduler
		BetaSamplingScheduler SDTurboScheduler AlignYourStepsScheduler GITSScheduler OptimalStepsScheduler Flux2Scheduler SplitSigmas
		SplitSigmasDenoise FlipSigmas SetFirstSigma SamplingPercentToSigma`,
	...names`ModelSamplingDiscrete ModelSamplingContinuousEDM ModelSamplingContinuousV ModelSamplingSD3 ModelSamplingFlux
		ModelSamplingAuraFlow ModelSamplingStableCascade RescaleCFG RenormCFG CFGNorm CFGZeroStar APG TCFG Mahiro
		FreSca FreeU FreeU_V2 HyperTile PatchModelAddDownscale PerturbedAttentionGuidance SelfAttentionGuidance
		SkipLayerGuidanceDiT SkipLayerGuidanceDiTSimple SkipLayerGuidanceSD3 NAGuidance TomePatchModel DifferentialDiffusion
		CLIPAttentionMultiply UNetCrossAttentionMultiply UNetSelfAttentionMultiply TemporalScoreRescaling EasyCache LazyCache
		LatentApplyOperation LatentApplyOperationCFG LatentOperationSharpen LatentOperationTonemapReinhard`,
	...names`EmptyLatentImage EmptySD3LatentImage EmptyFlux2LatentImage EmptyHunyuanImageLatent EmptyChromaRadianceLatentImage
		StableCascade_EmptyLatentImage StableCascade_StageC_VAEEncode LatentAdd LatentBlend LatentComposite LatentCompositeMasked
		LatentCrop LatentFlip LatentInterpolate LatentMultiply LatentRotate LatentSubtract LatentUpscale LatentUpscaleBy LatentFromBatch
		LatentBatch LatentBatchSeedBehavior BatchLatentsNode RepeatLatentBatch RebatchLatents SetLatentNoiseMask VAEDecode
		VAEDecodeTiled VAEEncode VAEEncodeForInpaint VAEEncodeTiled`,
	...names`LoadImage LoadImageMask SaveImage PreviewImage EmptyImage ImageScale ImageScaleBy ImageScaleToTotalPixels
		ImageScaleToMaxDimension ResizeImagesByLongerEdge ResizeAndPadImage FluxKontextImageScale ImageUpscaleWithModel ImagePadForOutpaint
		ImageStitch ImageCrop ImageCropV2 CenterCropImages ImageFlip ImageRotate ImageInvert ImageBlend ImageBlur ImageSharpen
		ImageQuantize ImageAddNoise AdjustBrightness AdjustContrast Canny ImageCompositeMasked PorterDuffImageComposite
		SplitImageWithAlpha JoinImageWithAlpha ImageRGBToYUV ImageYUVToRGB ImageBatch BatchImagesNode RepeatImageBatch ImageFromBatch
		RebatchImages GetImageSize RemoveBackground`,
	...names`SolidMask MaskComposite MaskToImage ImageToMask ImageColorToMask ImageCropToMask CropMask GrowMask FeatherMask InvertMask
		ThresholdMask Morphology BatchMasksNode MaskPreview`,
	"Epsilon Scaling",
	...names`PrimitiveBoolean PrimitiveFloat PrimitiveInt PrimitiveString PrimitiveStringMultiline SeedNode ComfySwitchNode`,
]);

/** The words of a text, so that a list of names stays readable. */
export function names(text: TemplateStringsArray): string[] {
	return text.join("").trim().split(/\s+/);
}

/** Inputs of these classes that name a model's file: only files of the policy may stand there. */
export const modelFileInputs: Readonly<Record<string, readonly string[]>> = {
	CheckpointLoaderSimple: ["ckpt_name"],
	unCLIPCheckpointLoader: ["ckpt_name"],
	UNETLoader: ["unet_name"],
	CLIPLoader: ["clip_name"],
	DualCLIPLoader: ["clip_name1", "clip_name2"],
	TripleCLIPLoader: ["clip_name1", "clip_name2", "clip_name3"],
	QuadrupleCLIPLoader: ["clip_name1", "clip_name2", "clip_name3", "clip_name4"],
	VAELoader: ["vae_name"],
	LoraLoader: ["lora_name"],
	LoraLoaderModelOnly: ["lora_name"],
	LoraLoaderBypass: ["lora_name"],
	LoraLoaderBypassModelOnly: ["lora_name"],
	CreateHookLora: ["lora_name"],
	CreateHookLoraModelOnly: ["lora_name"],
	ControlNetLoader: ["control_net_name"],
	DiffControlNetLoader: ["control_net_name"],
	CLIPVisionLoader: ["clip_name"],
	StyleModelLoader: ["style_model_name"],
	GLIGENLoader: ["gligen_name"],
	HypernetworkLoader: ["hypernetwork_name"],
	PhotoMakerLoader: ["photomaker_model_name"],
	UpscaleModelLoader: ["model_name"],
	ModelPatchLoader: ["name"],
	LoadBackgroundRemovalModel: ["bg_removal_name"],
};

/** Inputs that name an uploaded picture. */
export const pictureInputs: Readonly<Record<string, readonly string[]>> = { LoadImage: ["image"], LoadImageMask: ["image"] };
