// Prints one column of layouts.txt: where the fields that we read lie in the structs of one MuJoCo release.
//   cc -I mujoco-3.3.7/include layouts.c && ./a.out >column
#include <stddef.h>
#include <stdio.h>
#include <mujoco/mujoco.h>

#define MODEL(field) printf("model.%s %zu\n", #field, offsetof(mjModel, field));
#define DATA(field) printf("data.%s %zu\n", #field, offsetof(mjData, field));
#define CONSTANT(name, value) printf("constant.%s %d\n", name, (int)(value));

int main(void)
{
    printf("version %d\n", mjVERSION_HEADER);

    MODEL(nq) MODEL(nv) MODEL(nu) MODEL(na) MODEL(nbody) MODEL(njnt) MODEL(ngeom) MODEL(nsite) MODEL(ncam) MODEL(nlight)
    MODEL(nmat) MODEL(ntendon) MODEL(nwrap) MODEL(nsensor) MODEL(nsensordata)
    MODEL(opt.timestep) MODEL(opt.integrator) MODEL(opt.disableflags)
    MODEL(qpos0) MODEL(body_pos) MODEL(body_ipos) MODEL(body_mass) MODEL(body_inertia)
    MODEL(jnt_type) MODEL(jnt_qposadr) MODEL(jnt_dofadr) MODEL(jnt_limited) MODEL(jnt_range) MODEL(jnt_stiffness)
    MODEL(dof_armature) MODEL(dof_damping) MODEL(dof_frictionloss)
    MODEL(geom_type) MODEL(geom_bodyid) MODEL(geom_matid) MODEL(geom_group) MODEL(geom_solref) MODEL(geom_solimp)
    MODEL(geom_size) MODEL(geom_pos) MODEL(geom_friction) MODEL(geom_rgba)
    MODEL(site_type) MODEL(site_matid) MODEL(site_group) MODEL(site_size) MODEL(site_pos) MODEL(site_rgba)
    MODEL(cam_fovy)
    MODEL(light_castshadow) MODEL(light_active) MODEL(light_cutoff) MODEL(light_exponent)
    MODEL(light_ambient) MODEL(light_diffuse) MODEL(light_specular)
#if mjVERSION_HEADER >= 333
    printf("model.light_directional %zu\n", offsetof(mjModel, light_type));
#else
    MODEL(light_directional)
#endif
    MODEL(mat_emission) MODEL(mat_specular) MODEL(mat_shininess) MODEL(mat_reflectance) MODEL(mat_rgba)
    MODEL(tendon_width) MODEL(tendon_rgba)
    MODEL(actuator_ctrlrange) MODEL(actuator_gear)
    MODEL(sensor_dim) MODEL(sensor_adr)

    DATA(ncon) DATA(time) DATA(qpos) DATA(qvel) DATA(act) DATA(ctrl) DATA(sensordata)
    DATA(xpos) DATA(xmat) DATA(xipos) DATA(xanchor) DATA(geom_xpos) DATA(geom_xmat) DATA(site_xpos) DATA(site_xmat)
    DATA(cam_xpos) DATA(cam_xmat) DATA(light_xpos) DATA(light_xdir) DATA(ten_wrapadr) DATA(ten_wrapnum) DATA(wrap_xpos)

    CONSTANT("disable_actuation", mjDSBL_ACTUATION)
    CONSTANT("material", mjOBJ_MATERIAL) CONSTANT("sensor", mjOBJ_SENSOR)
#if mjVERSION_HEADER >= 333
    CONSTANT("light_directional_bytes", sizeof *((mjModel *)0)->light_type)
#else
    CONSTANT("light_directional_bytes", sizeof *((mjModel *)0)->light_directional)
#endif
    return 0;
}
