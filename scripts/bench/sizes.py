"""The models that are measured, as diffusers' configurations; weights are random, only shapes matter to speed."""

UNET = {
    "sd15": dict(sample_size=64, cross_attention_dim=768),
    "tiny": dict(sample_size=16, block_out_channels=(64, 128, 192), layers_per_block=1, cross_attention_dim=128, attention_head_dim=(2, 4, 6),
                 norm_num_groups=16, down_block_types=("CrossAttnDownBlock2D",) * 3, up_block_types=("CrossAttnUpBlock2D",) * 3),
}
VAE = dict(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
           down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
TEXT = dict(vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, hidden_act="quick_gelu",
            max_position_embeddings=77, projection_dim=768, bos_token_id=49406, eos_token_id=49407, pad_token_id=0)
TARGETS = {
    "attention": ["to_q", "to_k", "to_v", "to_out.0"],
    "feed_forward": ["ff.net.0.proj", "ff.net.2"],
    "projections": ["proj_in", "proj_out"],
    "resnets": ["conv1", "conv2", "conv_shortcut", "time_emb_proj"],
}
