package atelier.inference.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.inference.sampler.schedule.SamplerKind;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Row 34: what ComfyUI, InvokeAI, NovelAI and Fooocus wrote. */
class OtherProgramsTest {
    private final List<String> told = new ArrayList<>();

    private static JsonNode json(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    private void check(ForeignRecord record, SamplerKind sampler, String sigmas, long seed, int steps, double scale) {
        ForeignParameters parameters = new ForeignParameters(record, told::add);
        ForeignParameters.Sampling sampling = parameters.sampling("ddim");
        assertThat(sampling.sampler()).isEqualTo(sampler);
        assertThat(sampling.sigmas()).isEqualTo(sigmas);
        assertThat(parameters.seed()).isEqualTo(seed);
        assertThat(parameters.steps()).isEqualTo(steps);
        assertThat(parameters.guidanceScale()).isEqualTo(scale);
        assertThat(parameters.size()).containsExactly(640, 448);
        assertThat(parameters.cpuNoise()).isTrue();
        assertThat(parameters.model().name()).isNotEqualTo("");
        parameters.clipSkip();
        parameters.guidanceRescale();
        parameters.tellTheRest();
    }

    @Test
    void comfysGraphIsReadAlongItsLinks() throws JsonProcessingException {
        ForeignRecord record = new ComfyGraph(
                        json(
                                "{'3':{'class_type':'KSampler','inputs':{'seed':18446744073709551614,"
                                        + "'steps':21,'cfg':6.5,'sampler_name':'dpmpp_2m','scheduler':'karras','denoise':1.0,"
                                        + "'model':['10',0],'positive':['6',0],'negative':['7',0],'latent_image':['5',0]}},"
                                        + "'4':{'class_type':'CheckpointLoaderSimple','inputs':{'ckpt_name':'sd15.safetensors'}},"
                                        + "'5':{'class_type':'EmptyLatentImage','inputs':{'width':640,'height':448,'batch_size':1}},"
                                        + "'6':{'class_type':'CLIPTextEncode','inputs':{'text':['12',0],'clip':['10',1]}},"
                                        + "'7':{'class_type':'CLIPTextEncode','inputs':{'text':'bad','clip':['10',1]}},"
                                        + "'10':{'class_type':'LoraLoader','inputs':{'lora_name':'ink.safetensors','strength_model':0.8,"
                                        + "'strength_clip':0.5,'model':['4',0],'clip':['4',1]}},"
                                        + "'12':{'class_type':'PrimitiveString','inputs':{'value':'a (red:1.2) fox'}},"
                                        + "'20':{'class_type':'FaceDetailer','inputs':{'image':['8',0],'guide_size':384}},"
                                        + "'8':{'class_type':'VAEDecode','inputs':{}},'9':{'class_type':'SaveImage','inputs':{}}}"))
                .read();
        assertThat(record.prompt()).isEqualTo("a (red:1.2) fox <lora:ink.safetensors:0.5:0.8>");
        assertThat(record.negativePrompt()).isEqualTo("bad");
        check(record, SamplerKind.DPMPP_2M, "karras", -2, 21, 6.5);
        assertThat(told)
                .containsExactly("from_image: node FaceDetailer: guide_size=384 - not known here; it is left out");
    }

    @Test
    void comfysDrawingIsReadWhereTheGraphIsMissing() throws JsonProcessingException {
        ForeignRecord record = new ComfyGraph(ComfyWorkflow.nodes(json("{'nodes':["
                        + "{'id':1,'type':'KSampler','mode':0,'widgets_values':[7,'randomize',12,5,'euler_ancestral',"
                        + "'normal',1],'inputs':[{'name':'positive','link':1},{'name':'negative','link':2},"
                        + "{'name':'latent_image','link':3}]},"
                        + "{'id':2,'type':'CLIPTextEncode','widgets_values':['a fox'],'inputs':[]},"
                        + "{'id':3,'type':'CLIPTextEncode','widgets_values':['blurry'],'inputs':[]},"
                        + "{'id':4,'type':'EmptyLatentImage','widgets_values':[640,448,1],'inputs':[]},"
                        + "{'id':5,'type':'ControlNetApply','mode':4,'widgets_values':[1],'inputs':[]}],"
                        + "'links':[[1,2,0,1,1,'CONDITIONING'],[2,3,0,1,2,'CONDITIONING'],[3,4,0,1,3,'LATENT']]}")))
                .read();
        assertThat(record.prompt()).isEqualTo("a fox");
        assertThat(record.negativePrompt()).isEqualTo("blurry");
        check(record, SamplerKind.EULER_ANCESTRAL, "plain", 7, 12, 5);
        assertThat(told).isEmpty();
    }

    @Test
    void invokesMetadataIsRead() throws JsonProcessingException {
        ForeignRecord record = InvokeMetadata.read(json("{'generation_mode':'txt2img','positive_prompt':'a fox',"
                + "'negative_prompt':'bad','width':640,'height':448,'seed':5,'rand_device':'cpu','cfg_scale':7.5,"
                + "'steps':30,'scheduler':'dpmpp_2m_k','seamless_x':false,'model':{'name':'sd15','hash':'blake3:ab'},"
                + "'loras':[{'model':{'name':'ink'},'weight':0.75}],'controlnets':[{'control_weight':1}],"
                + "'app_version':'5.0'}"));
        assertThat(record.prompt()).isEqualTo("a fox <lora:ink:0.75>");
        assertThat(record.negativePrompt()).isEqualTo("bad");
        check(record, SamplerKind.DPMPP_2M, "karras", 5, 30, 7.5);
        assertThat(told)
                .containsExactly(
                        "from_image: controlnets: [{\"control_weight\":1}] - not known here; no control picture"
                                + " leads the drawing");
    }

    @Test
    void invokesOlderFormsAreRead() throws JsonProcessingException {
        check(
                InvokeMetadata.read(
                        json(
                                "{'model_weights':'sd-1.4','image':{'type':'txt2img','prompt':[{'prompt':'a fox',"
                                        + "'weight':1}],'steps':50,'cfg_scale':7,'seed':8,'sampler':'k_lms','width':640,'height':448}}")),
                SamplerKind.LMS,
                null,
                8,
                50,
                7);
        ForeignRecord dream = InvokeMetadata.dream("\"a fox, well-fed\" -s 50 -S 42 -W 640 -H 448 -C 7.5 -A k_euler_a");
        assertThat(dream.prompt()).isEqualTo("a fox, well-fed");
        check(dream, SamplerKind.EULER_ANCESTRAL, null, 42, 50, 7.5);
        assertThat(told).isEmpty();
    }

    @Test
    void novelAisCommentIsRead() throws JsonProcessingException {
        ForeignRecord record = NovelAiComment.read(
                json("{'prompt':'{{red}} fox (cub), [snow], 1.5::ink::','uc':'bad','steps':28,'width':640,'height':448,"
                        + "'scale':5.0,'seed':9,'sampler':'k_dpmpp_2m','noise_schedule':'karras','sm':true,"
                        + "'cfg_rescale':0.0,'n_samples':1,'strength':0.7,'uncond_scale':1.0}"),
                "");
        assertThat(record.prompt()).isEqualTo("((red:1.05):1.05) fox \\(cub\\), (snow:0.952381), (ink:1.5)");
        assertThat(record.negativePrompt()).isEqualTo("bad");
        check(record, SamplerKind.DPMPP_2M, "karras", 9, 28, 5);
        assertThat(told)
                .containsExactly("from_image: sm: true - not known here; the sampler's own trajectory is taken");
    }

    @Test
    void fooocussLogIsRead() throws JsonProcessingException {
        ForeignRecord record = FooocusLog.read(json("{'prompt':'a fox','negative_prompt':'bad','full_prompt':['a fox'],"
                + "'styles':'[Fooocus V2]','performance':'Speed','resolution':'(640, 448)','guidance_scale':4.0,"
                + "'base_model':'juggernaut','base_model_hash':'aeb7e9e689','refiner_model':'None','refiner_switch':0.5,"
                + "'sampler':'dpmpp_2m_sde_gpu','scheduler':'karras','seed':'77','steps':30,"
                + "'loras':[['offset','0.1','4852686128']],'version':'Fooocus v2.5'}"));
        assertThat(record.prompt()).isEqualTo("a fox <lora:offset:0.1>");
        check(record, SamplerKind.DPMPP_2M_SDE, "karras", 77, 30, 4);
        assertThat(told)
                .containsExactlyInAnyOrder(
                        "from_image: styles: [Fooocus V2] - not known here; their words are not added",
                        "from_image: performance: Speed - not known here; it is left out");
    }

    @ParameterizedTest
    @CsvSource({
        "uni_pc, UNIPC", "UniPC, UNIPC", "kdpm_2_a, DPM2_ANCESTRAL", "DPM2 a, DPM2_ANCESTRAL", "k_euler, EULER",
        "dpmpp_3m_sde_gpu, DPMPP_3M_SDE", "PLMS, PNDM", "DPM++ 2S a, DPMPP_2S_ANCESTRAL", "ddim, DDIM", "LCM, LCM"
    })
    void samplersGoByManyNames(String name, SamplerKind kind) {
        assertThat(SamplerNames.find(SamplerNames.split(name).sampler())).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"Restart", "DDIM CFG++", "DPM++ 2M SDE Heun", "ipndm", "DPM fast"})
    void samplersThatAreNotHereAreNotMistakenForOthers(String name) {
        assertThat(SamplerNames.find(SamplerNames.split(name).sampler())).isNull();
    }
}
